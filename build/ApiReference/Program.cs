// Writes the public API's reference. From the repository's root:
//   dotnet run -c Release --project build/ApiReference -- docs/api
namespace ApiReference;

internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not [string folder])
        {
            Console.Error.WriteLine("Name the folder to write the pages to, such as docs/api. What is there now is replaced.");
            return 64;
        }

        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        IReadOnlyDictionary<string, string> pages = ReferencePages.Make(ReferencePages.Library());
        foreach ((string path, string text) in pages)
        {
            string file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        Console.WriteLine($"{pages.Count} pages are in {folder}.");
        return 0;
    }
}
