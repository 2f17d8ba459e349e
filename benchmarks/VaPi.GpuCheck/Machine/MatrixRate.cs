using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.GpuCheck.Machine;

/// <summary>The operations a second of large matrix products: what a card can do at most, measured.</summary>
internal static class MatrixRate
{
    private const long SideOnCard = 8192;
    private const long SideOnCpu = 1024;
    private const int Products = 10;

    /// <summary>Measures and writes the rates of bfloat16 and float32 (without TF32).</summary>
    /// <returns>That of bfloat16, in operations a second.</returns>
    public static double Write(Utf8JsonWriter json, Device device, TextWriter log)
    {
        (double rounded, double single) = (Measure(device, ScalarType.BFloat16), Measure(device, ScalarType.Float32));
        json.WriteStartObject("matrixOperationsPerSecond");
        json.WriteNumber("bfloat16", rounded);
        json.WriteNumber("float32", single);
        json.WriteEndObject();
        log.WriteLine($"matrix products: bfloat16 {rounded / 1e12:F2}, float32 {single / 1e12:F2} T operations a second");
        return rounded;
    }

    // Random numbers: a card draws less power, and runs faster, on zeros.
    private static double Measure(Device device, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        long side = device.type == DeviceType.CUDA ? SideOnCard : SideOnCpu;
        Tensor left = randn([side, side], device: device).to(type); // (side, side)
        Tensor right = randn([side, side], device: device).to(type); // (side, side)
        left.matmul(right).Dispose();
        double seconds = Waiting.Seconds(device, () =>
        {
            for (int product = 0; product < Products; product++)
                left.matmul(right).Dispose();
        });
        return Products * 2.0 * side * side * side / seconds;
    }
}
