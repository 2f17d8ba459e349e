using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using TorchSharp.Modules;
using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.Models.Weights;

/// <summary>The named parameters of one model. Owns them.</summary>
internal sealed class ModelWeights : IDisposable
{
    private readonly Dictionary<string, Parameter> _parameters;
    private readonly IReadOnlyList<ParameterShape> _shapes;
    private bool _disposed;

    private ModelWeights(IReadOnlyList<ParameterShape> shapes, Dictionary<string, Parameter> parameters)
    {
        _shapes = shapes;
        _parameters = parameters;
    }

    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public Parameter this[string name] => _disposed
        ? throw new ObjectDisposedException(null, "The model has been disposed. Keep it until everything that uses it, such as a trainer, is done.")
        : _parameters[name];

    /// <summary>Everything that is saved.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> Named => _shapes.Select(shape => (shape.Name, this[shape.Name]));

    /// <summary>What training changes.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> Trained =>
        _shapes.Where(shape => shape.IsTrained).Select(shape => (shape.Name, this[shape.Name]));

    /// <summary>Initial values drawn by seed.</summary>
    public static ModelWeights Random(IReadOnlyList<ParameterShape> shapes, long seed, bool trainable, Device device, ScalarType type = ScalarType.Float32)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return Build(shapes, shape => shape.Create(generator).to(type), trainable, device);
    }

    /// <summary>Values from a checkpoint, of which every tensor must be there with its shape.</summary>
    /// <param name="shapes">What the model needs.</param>
    /// <param name="checkpoint">The opened file.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="trainable">Whether gradients are taken.</param>
    /// <param name="device">Where the parameters go.</param>
    /// <param name="type">The type they get, whatever the file has.</param>
    /// <exception cref="CheckpointException">Tensors are missing or misshapen; the message names them all.</exception>
    public static ModelWeights Load(IReadOnlyList<ParameterShape> shapes, CheckpointReader checkpoint, string path, bool trainable, Device device, ScalarType type = ScalarType.Float32)
    {
        var names = new CheckpointNames(checkpoint);
        var entries = checkpoint.Entries.ToDictionary(entry => entry.Name);
        var problems = new List<string>();
        foreach (ParameterShape shape in shapes)
        {
            if (names.Find(shape.Name) is not { } stored)
                problems.Add($"'{shape.Name}' {Text(shape.Shape)} is missing");
            else if (!entries[stored].Shape.SequenceEqual(shape.Shape))
                problems.Add($"'{shape.Name}' is {Text(entries[stored].Shape)} where {Text(shape.Shape)} is needed");
        }

        if (problems.Count > 0)
        {
            // What the file has beside the model does no harm, but tells what went wrong.
            problems.AddRange(names.Known.Except(shapes.Select(shape => shape.Name)).Order(StringComparer.Ordinal).Select(name => $"'{name}' is not of this model"));
            string listed = string.Join("; ", problems.Take(20)) + (problems.Count > 20 ? $"; and {problems.Count - 20} more" : "");
            throw new CheckpointException(path, $"it does not hold this model: {listed}", "every tensor of the model, in its shape", "Check that the file belongs to the configuration that was asked for");
        }

        return Build(shapes, shape => checkpoint.Read(names.Find(shape.Name)!, type), trainable, device);
    }

    /// <summary>Saves everything, in the format that the path's extension names.</summary>
    /// <exception cref="CheckpointException">The file cannot be written, or has another extension.</exception>
    public void Save(string path, ScalarType? type) => Save(path, new Dictionary<string, Tensor>(), type);

    /// <summary>Saves everything, with these values in place of the model's own.</summary>
    /// <param name="path">As above.</param>
    /// <param name="values">By name, of any types and on any devices; stay the caller's.</param>
    /// <param name="type">The type to store; each tensor's own if null.</param>
    /// <exception cref="CheckpointException">The file cannot be written, or has another extension.</exception>
    public void Save(string path, IReadOnlyDictionary<string, Tensor> values, ScalarType? type)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        IEnumerable<KeyValuePair<string, Tensor>> tensors = Named.Select(named => KeyValuePair.Create(named.Name, values.GetValueOrDefault(named.Name, named.Parameter)));
        string extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension is ".pt" or ".pth")
            Checkpoint.SaveTorch(path, tensors, under: "model", type);
        else if (extension == ".safetensors")
            Checkpoint.Save(path, tensors, storeAs: type);
        else
            throw new CheckpointException(path, $"its extension is '{extension}'", ".safetensors, .pt or .pth", "Rename the file");
    }

    /// <summary>Why these values cannot stand for all that is trained: what is missing, misshapen or of another model.</summary>
    public IEnumerable<string> Problems(IReadOnlyDictionary<string, Tensor> values)
    {
        foreach (ParameterShape shape in _shapes)
        {
            if (values.GetValueOrDefault(shape.Name) is { } value)
            {
                if (!value.shape.SequenceEqual(shape.Shape))
                    yield return $"'{shape.Name}' is {Text(value.shape)} where {Text(shape.Shape)} is needed";
                else if (!value.is_floating_point())
                    yield return $"'{shape.Name}' is {value.dtype}, which is no floating-point type";
            }
            else if (_parameters[shape.Name].requires_grad)
            {
                yield return $"'{shape.Name}' {Text(shape.Shape)} is missing";
            }
        }

        foreach (string name in values.Keys.Except(_parameters.Keys).Order(StringComparer.Ordinal))
            yield return $"'{name}' is not of this model";
    }

    /// <summary>Copies of all values; each is independent of this model's.</summary>
    public ModelWeights Clone(bool trainable)
    {
        using IDisposable _ = no_grad();
        return Build(_shapes, shape => this[shape.Name].detach().clone(), trainable, this[_shapes[0].Name].device);
    }

    /// <summary>A hash of all names and values, and of a text that says how they are used.</summary>
    /// <returns>64 hexadecimal digits.</returns>
    public string Hash(string use)
    {
        using IDisposable gradients = no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(use));
        foreach ((string name, Parameter parameter) in Named.OrderBy(named => named.Name, StringComparer.Ordinal))
        {
            using DisposeScope scope = NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes($"\n{name} {parameter.dtype} {Text(parameter.shape)}\n"));
            hash.AppendData(parameter.detach().cpu().contiguous().bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        _disposed = true;
        foreach (Parameter parameter in _parameters.Values)
            parameter.Dispose();
        _parameters.Clear();
    }

    private static ModelWeights Build(IReadOnlyList<ParameterShape> shapes, Func<ParameterShape, Tensor> value, bool trainable, Device device)
    {
        var parameters = new Dictionary<string, Parameter>(shapes.Count);
        try
        {
            foreach (ParameterShape shape in shapes)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor placed = value(shape).to(device);

                // A Parameter takes over the handle of the tensor it is made of, which is dead afterwards.
                var parameter = new Parameter(placed, trainable && shape.IsTrained);
                parameter.DetachFromDisposeScope();
                parameters.Add(shape.Name, parameter);
            }
        }
        catch
        {
            foreach (Parameter parameter in parameters.Values)
                parameter.Dispose();
            throw;
        }

        return new ModelWeights(shapes, parameters);
    }

    private static string Text(IEnumerable<long> shape) => $"({string.Join(", ", shape)})";
}
