using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Features;

/// <summary>
/// A network from a TorchScript file (<c>torch.jit.script(…).save(…)</c> or <c>torch.jit.trace</c>): a copy of an Inception-v3,
/// the image encoder of a CLIP, or any other.
/// </summary>
/// <remarks>A TorchScript file is a program: load only files whose makers you trust.</remarks>
public sealed class TorchScriptNetwork : IFeatureNetwork, IDisposable
{
    private readonly Device _device;
    private readonly jit.ScriptModule<Tensor, Tensor> _module;
    private readonly Func<Tensor, Tensor> _prepare;

    private TorchScriptNetwork(string name, jit.ScriptModule<Tensor, Tensor> module, Func<Tensor, Tensor>? prepare, Device device)
    {
        _module = module;
        _prepare = prepare ?? (images => images);
        _device = device;
        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Loads a file whose <c>forward</c> takes one tensor and gives one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="prepare">
    /// (N, 3, H, W) in [-1, 1] to what <c>forward</c> takes: another size, another range. Null if it takes them as they are.
    /// </param>
    /// <param name="device">Where the network goes; the CPU if null.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a TorchScript file that this libtorch reads.</exception>
    public static TorchScriptNetwork Load(string path, Func<Tensor, Tensor>? prepare = null, Device? device = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no TorchScript file '{path}'. Check the path.", path);
        Device placed = device ?? CPU;
        jit.ScriptModule<Tensor, Tensor> module;
        try
        {
            module = jit.load<Tensor, Tensor>(path, placed.type, Math.Max(placed.index, 0));
        }
        catch (System.Runtime.InteropServices.ExternalException exception)
        {
            string reason = exception.Message.Split('\n')[0];
            throw new InvalidDataException($"'{path}' is not a TorchScript file that this libtorch reads: {reason} Save it with torch.jit.script(module.eval()).save(path).", exception);
        }

        module.eval();
        return new TorchScriptNetwork(Path.GetFileNameWithoutExtension(path), module, prepare, placed);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The network does not give (N, D) or (N, C, h, w).</exception>
    public ImageFeatures Extract(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor output = _module.call(_prepare(images.to(_device)));
        if (output.dim() is not (2 or 4) || output.shape[0] != images.shape[0])
            throw new InvalidDataException($"The network '{Name}' must give (N, D) or feature maps (N, C, h, w) for {images.shape[0]} images; it gave ({string.Join(", ", output.shape)}).");

        // Feature maps are averaged over space; networks often end in maps of 1x1.
        return new ImageFeatures(output.dim() == 4 ? output.mean([2, 3]) : output.alias());
    }

    /// <inheritdoc/>
    public void Dispose() => _module.Dispose();
}
