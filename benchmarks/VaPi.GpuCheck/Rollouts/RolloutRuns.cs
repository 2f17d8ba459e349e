using System.Diagnostics;
using System.Text.Json;
using VaPi.Native;

namespace VaPi.GpuCheck.Rollouts;

/// <summary>Measures every case that was asked for, each in a process of its own, and compares the arrangements.</summary>
internal static class RolloutRuns
{
    /// <param name="json">Gets an array of cases.</param>
    /// <param name="options">What to measure.</param>
    /// <param name="matrixRate">Operations a second of bfloat16 products on the device.</param>
    /// <param name="log">Told of every case.</param>
    /// <returns>Whether all were measured.</returns>
    public static bool Write(Utf8JsonWriter json, GpuCheckOptions options, double matrixRate, TextWriter log)
    {
        bool all = true;
        json.WriteStartArray("rollouts");
        foreach (RolloutSize size in options.Sizes)
        {
            foreach (string precision in options.Precisions)
            {
                foreach (int images in options.Images)
                    all &= Write(json, size, images, precision, options, matrixRate, log);
            }
        }

        json.WriteEndArray();
        return all;
    }

    private static bool Write(
        Utf8JsonWriter json, RolloutSize size, int images, string precision, GpuCheckOptions options, double matrixRate, TextWriter log)
    {
        json.WriteStartObject();
        json.WriteString("size", size.Name);
        json.WriteNumber("images", images);
        json.WriteNumber("groupSize", options.GroupSize);
        json.WriteString("precision", precision);
        var medians = new Dictionary<string, double>();
        foreach (string arrangement in options.Arrangements)
        {
            var rollout = new RolloutCase(size, images, options.GroupSize, precision, arrangement);
            (RolloutMeasurement? measured, string errors) = InProcess(rollout, options);
            json.WriteStartObject(arrangement);
            if (measured is null)
            {
                json.WriteString("error", errors);
                log.WriteLine($"{rollout}: failed");
            }
            else
            {
                medians[arrangement] = measured.Median;
                double share = measured.Operations / measured.Median / matrixRate;
                json.WriteNumber("medianSeconds", measured.Median);
                json.WriteNumber("shareOfMatrixRate", share);
                json.WritePropertyName("measured");
                measured.Write(json);
                log.WriteLine($"{rollout}: {measured.Median:F3} s, {share:P1} of the bfloat16 matrix rate, {(measured.PeakBytes ?? 0) / 1e9:F1} GB");
            }

            json.WriteEndObject();
        }

        if (medians.TryGetValue(RolloutCase.Library, out double library) && medians.TryGetValue(RolloutCase.Published, out double published))
        {
            json.WriteNumber("ratio", published / library);
            log.WriteLine($"{size.Name}, {images} images, {precision}: the library is {published / library:F2} times as fast");
        }

        json.WriteEndObject();
        return medians.Count == options.Arrangements.Count;
    }

    private static (RolloutMeasurement? Measured, string Errors) InProcess(RolloutCase rollout, GpuCheckOptions options)
    {
        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };

        // As dotnet VaPi.GpuCheck.dll the process is dotnet's.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "VaPi.GpuCheck.dll"));
        string[] arguments = ["--device", options.Device, "--rollouts", $"{options.Rollouts}", "--libtorch", LibTorch.InUse!.Folder, "--any-version", RolloutCase.ChildOption, $"{rollout}"];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0 ? (RolloutMeasurement.Read(output), "") : (null, errors.Result.Trim());
    }
}
