using static TorchSharp.torch;

namespace VaPi;

/// <summary>Copies tensors to a device without waiting for what the device is still doing.</summary>
internal static class Upload
{
    /// <summary>
    /// A copy on the device. From the host to a GPU it goes through pinned memory, so that the host does not wait; libtorch keeps
    /// that memory until the copy is made, and every later use on the device comes after it.
    /// </summary>
    /// <param name="source">Any shape and type, on any device.</param>
    /// <param name="device">Where to.</param>
    /// <returns>The same shape and type; belongs to the caller.</returns>
    public static Tensor Copy(Tensor source, Device device)
    {
        if (source.device_type != TorchSharp.DeviceType.CPU || device.type != TorchSharp.DeviceType.CUDA)
            return source.to(device, copy: true);
        using Tensor pinned = source.pin_memory();
        return pinned.to(device, copy: true, non_blocking: true);
    }

    /// <summary>The tensor itself moved: from the CPU to the CPU nothing is copied. Disposes <paramref name="source"/> where it copies.</summary>
    /// <param name="source">Any shape and type; taken over.</param>
    /// <param name="device">Where to.</param>
    /// <returns>The same shape and type; belongs to the caller.</returns>
    public static Tensor Move(Tensor source, Device device)
    {
        if (source.device_type == device.type && source.device_type == TorchSharp.DeviceType.CPU)
            return source;
        using (source)
            return Copy(source, device);
    }
}
