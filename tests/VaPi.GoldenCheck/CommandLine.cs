using System.Text.Json;
using VaPi.GoldenCheck.Checks;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck;

/// <summary>The program's arguments, and what its exit code says.</summary>
public static class CommandLine
{
    public const int Agrees = 0;
    public const int Differs = 1;
    public const int Incomplete = 2;
    public const int Misused = 64;

    private const string Usage = """
        Recomputes what the published implementation of VA-pi computed, and compares.

        usage: VaPi.GoldenCheck FOLDER... [--only NAME[,NAME...]] [--device cpu|cuda|cuda:N]

          FOLDER    a folder of golden cases: one with config.json, or one with metrics.safetensors
          --only    the quantities whose names begin with one of these, such as shared,crop
          --device  where to compute; cpu if not given

        One line a quantity: name, error, tolerance, and ok, WRONG or pending (not covered yet).
        Exit code: 1 if anything is wrong, else 2 if anything is pending, else 0.
        """;

    private static readonly IReadOnlyList<ICheck> AllChecks =
    [
        new TokenizerCheck(), new PolicyCheck(), new LpipsCheck(), new PatchGanCheck(), new EmbeddingCosineCheck(), new RolloutCheck(), new CropCheck(), new GenerationCheck(), new TextCheck(),
        new FrechetCheck(), new UncoveredCheck(),
    ];

    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        var folders = new List<string>();
        var only = new List<string>();
        Device device = CPU;
        try
        {
            for (int index = 0; index < arguments.Count; index++)
            {
                string Value() => index + 1 < arguments.Count ? arguments[++index] : throw new ArgumentException($"{arguments[index]} needs a value.");
                switch (arguments[index])
                {
                    case "--only":
                        only.AddRange(Value().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
                        break;
                    case "--device":
                        device = ParseDevice(Value());
                        break;
                    case "--help" or "-h":
                        output.WriteLine(Usage);
                        return Agrees;
                    case var option when option.StartsWith('-'):
                        throw new ArgumentException($"There is no option {option}.");
                    case var folder:
                        folders.Add(Directory.Exists(folder) ? folder : throw new ArgumentException($"There is no folder '{folder}'."));
                        break;
                }
            }

            if (folders.Count == 0)
                throw new ArgumentException("No folder was given.");
        }
        catch (ArgumentException exception)
        {
            errors.WriteLine(exception.Message);
            errors.WriteLine(Usage);
            return Misused;
        }

        var report = new Report(output, only);
        using var weights = new FormulaWeights();
        foreach (string folder in folders)
            Check(folder, device, weights, report);
        output.WriteLine($"{report.Agreeing} ok, {report.Wrong} wrong, {report.Pending} pending");
        return report.Wrong > 0 || report.Agreeing + report.Pending == 0 ? Differs : report.Pending > 0 ? Incomplete : Agrees;
    }

    private static void Check(string folder, Device device, FormulaWeights weights, Report report)
    {
        report.Folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        GoldenFolder opened;
        try
        {
            opened = GoldenFolder.Open(folder, device, weights);
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            report.Failed("config.json", exception);
            return;
        }

        using GoldenFolder golden = opened;
        foreach (ICheck check in AllChecks)
        {
            if (!check.AppliesTo(golden) || !report.Wants(check.Names))
                continue;
            try
            {
                check.Run(golden, report);
            }
            catch (Exception exception)
            {
                // A check that cannot finish is as wrong as one whose numbers differ; the others still run.
                report.Failed(check.Names[0], exception);
            }
        }
    }

    private static Device ParseDevice(string text)
    {
        if (text == "cpu")
            return CPU;
        string[] parts = text.Split(':');
        int index = 0;
        bool isCuda = parts[0] == "cuda" && (parts.Length == 1 || (parts.Length == 2 && int.TryParse(parts[1], out index) && index >= 0));
        if (!isCuda)
            throw new ArgumentException($"There is no device '{text}'; allowed: cpu, cuda, cuda:N.");
        int devices = cuda.is_available() ? cuda.device_count() : 0;
        return index < devices
            ? new Device(TorchSharp.DeviceType.CUDA, index)
            : throw new ArgumentException($"The device '{text}' cannot be used: this build of libtorch sees {devices} CUDA devices here.");
    }
}
