using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Pickle;
using VaPi.Checkpoints.Tensors;
using static TorchSharp.torch;

namespace VaPi.Checkpoints.Torch;

/// <summary>The globals and storages that a torch pickle may refer to. Nothing else can be named, and nothing is executed.</summary>
internal sealed class TorchWorld : IPickleWorld
{
    private const string Safe = "OrderedDict, argparse.Namespace, torch's storages, and the functions that rebuild tensors and parameters from them";

    private static readonly string[] Dtypes =
    [
        "float64", "double", "float32", "float", "float16", "half", "bfloat16",
        "int64", "long", "int32", "int", "int16", "short", "int8", "uint8", "bool",
    ];

    private readonly CheckpointFile _file;
    private readonly AllocationBudget _budget;
    private readonly int _storageMembers;
    private readonly Dictionary<string, PickleGlobal> _globals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TorchStorage> _storages = new(StringComparer.Ordinal);

    /// <param name="file">The file, for messages.</param>
    /// <param name="budget">Pays for what calls make.</param>
    /// <param name="legacy">Legacy files' storage ids have one more member, for views of storages.</param>
    public TorchWorld(CheckpointFile file, AllocationBudget budget, bool legacy)
    {
        _file = file;
        _budget = budget;
        _storageMembers = legacy ? 6 : 5;

        Allow("collections.OrderedDict", MakeDictionary);
        Allow("argparse.Namespace", arguments => arguments.Length == 0 ? new PickleOpaque() : null);
        Allow("torch._utils._rebuild_tensor", arguments => arguments.Length == 4 ? MakeTensor(arguments) : null);
        Allow("torch._utils._rebuild_tensor_v2", arguments => arguments.Length is 6 or 7 ? MakeTensor(arguments) : null);
        Allow("torch._utils._rebuild_parameter", arguments => arguments.Length == 3 ? TensorIn(arguments[0]) : null);
        Allow("torch._utils._rebuild_parameter_with_state", arguments => arguments.Length == 4 ? TensorIn(arguments[0]) : null);
        Allow("torch.nn.parameter.Parameter", MakeParameter);
        Allow("torch.Size", arguments => arguments is [object?[] or List<object?>] ? arguments[0] : null);
        Allow("torch.device", _ => PickleOpaque.Instance);
        Allow("torch.serialization._get_layout", _ => PickleOpaque.Instance);
        foreach (string dtype in Dtypes)
            Allow("torch." + dtype, _ => null);

        foreach (var (name, type) in ElementType.TorchStorages)
            _globals["torch." + name] = new StorageClass("torch." + name, type);

        _globals["torch.storage.UntypedStorage"] = _globals["torch.UntypedStorage"];
    }

    /// <summary>The storages that came up, by key.</summary>
    public IReadOnlyDictionary<string, TorchStorage> Storages => _storages;

    public PickleGlobal Global(string module, string name) =>
        _globals.GetValueOrDefault($"{module}.{name}") ?? throw _file.Refuse(
            $"its pickle asks for {CheckpointFile.Quote($"{module}.{name}")}, which reading tensors does not take",
            Safe,
            "Do not load it with other tools either unless you trust its source; save only the state dict, best as safetensors, where it was made");

    public object Persistent(object? id)
    {
        if (id is not object?[] members || members.Length != _storageMembers
            || members is not ["storage", StorageClass type, string key, string or null, long count, ..] || count < 0)
        {
            throw _file.Refuse("its pickle refers to something outside itself that is not a storage", "storages: type, key, device, number of elements");
        }

        if (members.Length == 6 && members[5] is not null)
        {
            throw _file.Refuse(
                $"the storage {CheckpointFile.Quote(key)} is a view of another storage",
                "storages of their own",
                "Such files come from torch before 0.4: load and save it again with a newer one");
        }

        var storage = new TorchStorage(key, type.Type, count);
        if (_storages.TryGetValue(key, out var known))
        {
            return known == storage ? known : throw _file.Refuse(
                $"the storage {CheckpointFile.Quote(key)} is described in two ways", "one type and size a storage");
        }

        _storages.Add(key, storage);
        return storage;
    }

    public bool Build(object? target, object? state)
    {
        if (target is TorchParameter parameter)
        {
            // (requires_grad, volatile, hooks), or, older, (data, grad, hooks, requires_grad, volatile).
            if (state is object?[] { Length: 5 } values)
                parameter.Tensor = values[0] as TorchTensor;

            return state is object?[] { Length: 3 or 5 };
        }

        // An OrderedDict's attributes (a state dict's _metadata) and a namespace's values are not tensors to load.
        return target is PickleDictionary || (target is PickleOpaque && target != PickleOpaque.Instance);
    }

    private PickleDictionary? MakeDictionary(object?[] arguments)
    {
        var dictionary = new PickleDictionary();
        if (arguments.Length == 0)
            return dictionary;

        // Python 2 wrote an OrderedDict as a call on the list of its [key, value] lists.
        if (arguments is not [List<object?> pairs])
            return null;

        _budget.Charge(32L * pairs.Count);
        foreach (object? pair in pairs)
        {
            switch (pair)
            {
                case List<object?> { Count: 2 } list:
                    dictionary.Items.Add((list[0], list[1]));
                    break;
                case object?[] { Length: 2 } tuple:
                    dictionary.Items.Add((tuple[0], tuple[1]));
                    break;
                default:
                    return null;
            }
        }

        return dictionary;
    }

    private static TorchTensor? TensorIn(object? value) => value switch
    {
        TorchTensor tensor => tensor,
        TorchParameter parameter => parameter.Tensor,
        _ => null,
    };

    private static TorchParameter? MakeParameter(object?[] arguments) => arguments switch
    {
        [] => new TorchParameter(),
        [TorchTensor tensor, ..] when arguments.Length <= 2 => new TorchParameter { Tensor = tensor },
        _ => null,
    };

    // (storage, offset, size, stride [, requires_grad, hooks [, metadata]])
    private TorchTensor? MakeTensor(object?[] arguments)
    {
        if (arguments is not [TorchStorage storage, long offset, .. var rest] || Counts(rest[0]) is not long[] shape || Counts(rest[1]) is not long[] strides)
            return null;

        // The metadata says that the values are to be negated or conjugated.
        if (arguments.Length == 7 && arguments[6] is not (null or PickleDictionary { Items.Count: 0 }))
            return null;

        _budget.Charge(32L * shape.Length);
        return new TorchTensor(storage, TensorLayout.View(_file, offset, shape, strides, storage.Count));
    }

    private static long[]? Counts(object? value)
    {
        IReadOnlyList<object?>? values = value switch
        {
            object?[] tuple => tuple,
            List<object?> list => list,
            _ => null,
        };
        if (values is null || values.Count > CheckpointLimits.Dimensions || values.Any(count => count is not long))
            return null;

        return [.. values.Select(count => (long)count!)];
    }

    private void Allow(string name, Func<object?[], object?> call) => _globals.Add(name, new Callable(name, call));

    private sealed record Callable(string Name, Func<object?[], object?> Action) : PickleGlobal(Name)
    {
        public override object? Call(object?[] arguments) => Action(arguments);
    }

    private sealed record StorageClass(string Name, ScalarType Type) : PickleGlobal(Name)
    {
        public override object? Call(object?[] arguments) => null;
    }
}
