using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;
using VaPi.Native;
using static TorchSharp.torch;

namespace VaPi.GpuCheck.Machine;

/// <summary>What the numbers were measured on.</summary>
internal static class MachineReport
{
    public static void Write(Utf8JsonWriter json, LibTorchInstallation libtorch, Device device)
    {
        json.WriteStartObject("libtorch");
        json.WriteString("folder", libtorch.Folder);
        json.WriteString("version", libtorch.Version);
        json.WriteString("torchSharpWasBuiltFor", LibTorch.BuiltFor.ToString());
        json.WriteBoolean("hasCuda", libtorch.HasCuda);
        json.WriteStartArray("missing");
        foreach (string name in libtorch.Missing)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("machine");
        json.WriteString("device", device.ToString());
        if (device.type == DeviceType.CUDA)
        {
            using (zeros(1, device: device))
                json.WriteString("card", CudaDriver.Name(device.index)); // the tensor has the driver started
            if (CudaDriver.Memory() is var (_, total))
                json.WriteNumber("cardBytes", total);
        }

        json.WriteNumber("processors", Environment.ProcessorCount);
        json.WriteNumber("threads", get_num_threads());
        json.WriteString("system", RuntimeInformation.OSDescription);
        json.WriteString("runtime", RuntimeInformation.FrameworkDescription);
        json.WriteEndObject();
    }
}
