using VaPi.Native;
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
                        device = ComputeDevice.Parse(Value());
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
        catch (Exception exception) when (exception is ArgumentException or LibTorchException)
        {
            errors.WriteLine(exception.Message);
            errors.WriteLine(Usage);
            return Misused;
        }

        var report = new Report(output, only);
        GoldenChecks.Run(folders, device, report);
        output.WriteLine($"{report.Agreeing} ok, {report.Wrong} wrong, {report.Pending} pending");
        return report.Wrong > 0 || report.Agreeing + report.Pending == 0 ? Differs : report.Pending > 0 ? Incomplete : Agrees;
    }
}
