using System.ComponentModel;
using System.Diagnostics;

namespace VaPi.Native;

/// <summary>Asks a Python interpreter where its PyTorch is, without importing that.</summary>
internal static class PythonInterpreter
{
    private const string Question = "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The folder torch of an interpreter's packages.</summary>
    /// <param name="interpreter">Its path, or its name on the PATH.</param>
    public static string TorchFolder(string interpreter)
    {
        var start = new ProcessStartInfo(interpreter, ["-c", Question]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Start(start);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new LibTorchException($"'{interpreter}' did not answer within {Patience.TotalSeconds:F0} seconds where its PyTorch is. Name the folder torch/lib itself.");
        }

        if (process.ExitCode != 0)
            throw new LibTorchException($"'{interpreter}', asked where its PyTorch is, ended with {process.ExitCode}: {errors.Result.Trim()}. Name a Python 3 interpreter, or the folder torch/lib itself.");
        string folder = output.Result.Trim();
        return folder.Length > 0
            ? folder
            : throw new LibTorchException($"'{interpreter}' has no PyTorch. Install it there (pip install torch=={LibTorch.BuiltFor}), or name another interpreter.");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new LibTorchException($"'{start.FileName}' cannot be run: {error.Message}. Name a Python 3 interpreter, or the folder torch/lib itself.", error);
        }
    }
}
