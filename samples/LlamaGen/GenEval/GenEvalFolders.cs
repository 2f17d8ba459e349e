using System.Globalization;
using System.Text;
using System.Text.Json;
using LlamaGen.Output;
using static System.FormattableString;

namespace LlamaGen.GenEval;

/// <summary>
/// The folders that GenEval's scripts read: <c>00000/metadata.jsonl</c> and <c>00000/samples/0000.png</c> and so on. Images
/// are named once they are complete, so what is there is what need not be made again.
/// </summary>
internal sealed class GenEvalFolders
{
    private const string SettingsFile = "settings.json";

    private readonly int _imagesPerPrompt;
    private readonly IReadOnlyList<GenEvalPrompt> _prompts;
    private readonly string _root;

    private GenEvalFolders(string root, IReadOnlyList<GenEvalPrompt> prompts, int imagesPerPrompt) =>
        (_root, _prompts, _imagesPerPrompt) = (root, prompts, imagesPerPrompt);

    /// <summary>Makes the folders, or takes those of a run with the same settings.</summary>
    /// <param name="output">The folder of all.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="imagesPerPrompt">The images of each.</param>
    /// <param name="settings">Everything that decides the images.</param>
    /// <exception cref="CommandException">There are images of other settings; two kinds would be mixed.</exception>
    public static GenEvalFolders Open(string output, IReadOnlyList<GenEvalPrompt> prompts, int imagesPerPrompt, object settings)
    {
        string root = OutputFolder.Make(output);
        string file = Path.Combine(root, SettingsFile);
        string text = JsonSerializer.Serialize(settings, Json.Indented) + "\n";
        if (!File.Exists(file))
            WholeFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        else if (File.ReadAllText(file) != text)
            throw new CommandException($"'{root}' holds images of other settings, which are in '{file}'. Repeat those to go on, or choose another folder with --output.");
        foreach (GenEvalPrompt prompt in prompts)
        {
            Directory.CreateDirectory(Path.Combine(root, prompt.Folder, "samples"));
            WholeFile.Write(Path.Combine(root, prompt.Folder, "metadata.jsonl"), stream => stream.Write(Encoding.UTF8.GetBytes(prompt.Json + "\n")));
        }

        return new GenEvalFolders(root, prompts, imagesPerPrompt);
    }

    /// <summary>The numbers of the images that are not there, in order; image i is of prompt i / images per prompt.</summary>
    public IReadOnlyList<int> Missing() => [.. Enumerable.Range(0, _prompts.Count * _imagesPerPrompt).Where(image => !File.Exists(FileOf(image)))];

    public GenEvalPrompt PromptOf(int image) => _prompts[image / _imagesPerPrompt];

    public string FileOf(int image) => Path.Combine(
        _root, PromptOf(image).Folder, "samples", (image % _imagesPerPrompt).ToString("D4", CultureInfo.InvariantCulture) + ".png");

    public override string ToString() => Invariant($"{_prompts.Count} folders in '{_root}'");
}
