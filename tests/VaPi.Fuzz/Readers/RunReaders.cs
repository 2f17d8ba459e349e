using VaPi.Alignment;
using VaPi.Alignment.Runs;
using VaPi.Fuzz.Cases;
using VaPi.Tests.Toys;

namespace VaPi.Fuzz.Readers;

/// <summary>The folders of runs, which are resumed. What changes inside gets checksums that are right.</summary>
internal static class RunReaders
{
    private const string CheckpointFolder = "checkpoints/00000001";

    private static readonly string[] Checked = ["policy.safetensors", "trainer.safetensors", "manifest.json"];

    public static FileReader Folder()
    {
        var world = new ToyWorld();
        byte[][] parts = Parts(world);
        var sample = new Sample(parts, Packed);
        return new FileReader("run-folder", [sample], Read, typeof(RunFolderException));

        void Read(string path)
        {
            string folder = Path.GetDirectoryName(path)!;
            try
            {
                _ = RunFolder.Checkpoints(folder);
                Run(world, folder).Dispose();
            }
            finally
            {
                // A case does not depend on what ran before it.
                foreach (string file in Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) is not ("run.json" or "metrics.jsonl")).ToList())
                    File.Delete(file);
            }
        }
    }

    private static AlignmentTrainer Run(ToyWorld world, string folder) => world.Builder().WithRunFolder(folder).Build();

    private static IReadOnlyList<CaseFile> Packed(IReadOnlyList<byte[]> parts)
    {
        string sums = string.Concat(Checked.Select((name, i) => $"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(parts[i]))}  {name}\n"));
        return
        [
            new("run.json", parts[4]), new("metrics.jsonl", parts[3]), .. Checked.Select((name, i) => new CaseFile($"{CheckpointFolder}/{name}", parts[i])),
            new($"{CheckpointFolder}/SHA256SUMS", System.Text.Encoding.UTF8.GetBytes(sums)),
        ];
    }

    private static byte[][] Parts(ToyWorld world)
    {
        string folder = Directory.CreateTempSubdirectory("vapi-fuzz-").FullName;
        try
        {
            using (AlignmentTrainer trainer = Run(world, folder))
            {
                trainer.Step();
                trainer.SaveCheckpoint();
            }

            string checkpoint = Path.Combine(folder, CheckpointFolder);
            return [.. Checked.Select(name => File.ReadAllBytes(Path.Combine(checkpoint, name))), File.ReadAllBytes(Path.Combine(folder, "metrics.jsonl")), File.ReadAllBytes(Path.Combine(folder, "run.json"))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
