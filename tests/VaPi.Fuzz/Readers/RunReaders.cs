using System.Security.Cryptography;
using System.Text;
using VaPi.Alignment;
using VaPi.Alignment.Runs;
using VaPi.Fuzz.Cases;
using VaPi.Tests.Toys;

namespace VaPi.Fuzz.Readers;

/// <summary>Run folders, which are resumed.</summary>
internal static class RunReaders
{
    private const string Checksums = "SHA256SUMS";
    private const string Lock = "run.lock";

    public static FileReader Folder()
    {
        var world = new ToyWorld();
        Sample sample = Written(world);
        return new FileReader("run-folder", [sample], Read, typeof(RunFolderException));

        // In a copy: a run puts damaged checkpoints aside and writes into its folder.
        void Read(string path)
        {
            string run = Path.Combine(Path.GetDirectoryName(path)!, "copy");
            try
            {
                Copy(sample.Files.Select(file => file.Name), Path.GetDirectoryName(path)!, run);
                RunFolder.Checkpoints(run);
                Trainer(world, run).Dispose();
            }
            finally
            {
                Directory.Delete(run, recursive: true);
            }
        }
    }

    private static Sample Written(ToyWorld world)
    {
        string folder = Directory.CreateTempSubdirectory("vapi-fuzz-run-").FullName;
        try
        {
            using (AlignmentTrainer trainer = Trainer(world, folder))
            {
                trainer.Step();
                trainer.SaveCheckpoint();
            }

            // The marker first: what the folder is known by.
            string[] files =
            [
                .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file))
                    .Where(file => Path.GetFileName(file) is not Checksums and not Lock).OrderBy(file => file.Contains(Path.DirectorySeparatorChar)).ThenBy(file => file, StringComparer.Ordinal),
            ];
            return new Sample(
                [.. files.Select(file => File.ReadAllBytes(Path.Combine(folder, file)))],
                parts => [.. files.Zip(parts, (file, part) => new CaseFile(file, part)), .. Sums(files, parts)]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Copy(IEnumerable<string> files, string from, string to)
    {
        foreach (string file in files.Where(file => File.Exists(Path.Combine(from, file))))
        {
            string copy = Path.Combine(to, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(from, file), copy);
        }
    }

    private static AlignmentTrainer Trainer(ToyWorld world, string folder) => world.Builder().WithRunFolder(folder).Build();

    // So that what is changed is read, and not refused for its checksum alone.
    private static IEnumerable<CaseFile> Sums(IReadOnlyList<string> files, IReadOnlyList<byte[]> parts)
    {
        string? checkpoint = files.Select(Path.GetDirectoryName).FirstOrDefault(directory => !string.IsNullOrEmpty(directory));
        if (checkpoint is null)
            yield break;
        var text = new StringBuilder();
        foreach ((string file, byte[] part) in files.Zip(parts).Where(pair => Path.GetDirectoryName(pair.First) == checkpoint))
            text.Append(Convert.ToHexStringLower(SHA256.HashData(part))).Append("  ").Append(Path.GetFileName(file)).Append('\n');
        yield return new CaseFile(Path.Combine(checkpoint, Checksums), Encoding.UTF8.GetBytes(text.ToString()));
    }
}
