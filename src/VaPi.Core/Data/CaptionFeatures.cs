using System.Runtime.InteropServices;
using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Checkpoints.Files;
using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>Captions as a text encoder's features, from files.</summary>
public static class CaptionFeatures
{
    /// <summary>The name that a tensor of features has in a file with others.</summary>
    private const string UsualName = "features";

    // 256 MiB in float32: a thousand times what a caption of the published models takes.
    private const long MostElements = 1L << 26;

    // A caption without places stores nothing, whatever width it claims, and is padded to that width.
    private const long MostWidth = 1L << 16;

    /// <summary>Reads one caption's features.</summary>
    /// <remarks>
    /// The file is not trusted: its header is compared with its length before memory is reserved, and whatever is in it, it is
    /// read or refused.
    /// </remarks>
    /// <param name="path">A NumPy array (<c>.npy</c>) or a <c>.safetensors</c> file: (n, W) or (1, n, W), W at most 65536; float16, float32 or float64, in safetensors bfloat16 too.</param>
    /// <param name="name">
    /// The tensor in a safetensors file; if null, its only one, or the one called <c>features</c>.
    /// </param>
    /// <returns>(n, W), float32, on the CPU: a row for each part of the caption. Belongs to the caller.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ImageDataException">The file does not hold such features; the message says what it holds.</exception>
    public static Tensor Load(string path, string? name = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string file = Path.GetFullPath(path);
        return Load(new FileSection(file, file, 0, RegularFile.LengthOf(file, "file of caption features")), name);
    }

    /// <summary>Reads features that are a part of a file, as of a file of their own.</summary>
    internal static Tensor Load(FileSection section, string? name = null)
    {
        try
        {
            using CheckpointReader reader = CheckpointReader.Open(CheckpointFile.OpenSection(section.Path, section.Name, section.Offset, section.Length));
            return Read(reader, section.Name, name);
        }
        catch (CheckpointException exception)
        {
            throw new ImageDataException($"The caption features cannot be read: {exception.Message}", section.Name, exception);
        }
    }

    private static Tensor Read(CheckpointReader reader, string path, string? name)
    {
        TensorEntry entry = Find(reader, name);
        long[] shape = [.. entry.Shape];
        bool fits = shape.Length == 2 || (shape.Length == 3 && shape[0] == 1);
        if (!fits || shape[^1] < 1 || entry.ScalarType is not (ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64))
        {
            throw new CheckpointException(
                path,
                $"its features are {entry.ScalarType} ({string.Join(", ", shape.Take(8))})",
                "floating-point (n, W) or (1, n, W), a row for each part of the caption",
                "Save the text encoder's output of one caption");
        }

        // The product does not overflow: the file holds every element.
        if (shape[^1] > MostWidth || shape[^2] * shape[^1] > MostElements)
            throw new CheckpointException(path, $"its features are ({string.Join(", ", shape)})", $"at most {MostElements} numbers, {MostWidth} of them wide", "Shorten the caption, or check what was saved");

        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = no_grad();
        Tensor features = reader.Read(entry.Name, ScalarType.Float32).view(shape[^2], shape[^1]);
        foreach (float value in MemoryMarshal.Cast<byte, float>(features.bytes))
        {
            if (!float.IsFinite(value))
                throw new CheckpointException(path, $"its features contain {value}", "finite numbers", "Make them again, in float32 if they overflow float16");
        }

        return features.DetachFromDisposeScope();
    }

    private static TensorEntry Find(CheckpointReader reader, string? name)
    {
        TensorEntry? entry = name is not null || reader.Entries.Count != 1
            ? reader.Entries.FirstOrDefault(entry => entry.Name == (name ?? UsualName))
            : reader.Entries[0];
        return entry ?? throw new CheckpointException(
            reader.Path,
            $"it has {reader.Entries.Count} tensors and none called '{name ?? UsualName}'",
            $"one tensor, or one of them called '{name ?? UsualName}'",
            "Name the tensor that holds the features");
    }
}
