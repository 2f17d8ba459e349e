using System.Globalization;
using System.Numerics;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Pickle;

namespace VaPi.Checkpoints.Torch;

/// <summary>Finds the tensors in nested collections and names them by the keys that lead there.</summary>
internal sealed class TorchTree(CheckpointFile file, AllocationBudget budget)
{
    private readonly List<(string, TorchTensor)> _found = [];
    private readonly List<string?> _keys = [];
    private readonly HashSet<object> _open = new(ReferenceEqualityComparer.Instance);
    private int _visits;

    public static List<(string Name, TorchTensor Tensor)> Flatten(CheckpointFile file, object? root, AllocationBudget budget)
    {
        var tree = new TorchTree(file, budget);
        tree.Visit(root);
        return tree._found;
    }

    private void Visit(object? value)
    {
        // Collections may be shared, so a small pickle can describe an exponentially large tree.
        if (++_visits > CheckpointLimits.Visits)
            throw file.Refuse($"its collections hold more than {CheckpointLimits.Visits} values", "fewer", "Save only the state dict");

        switch (value)
        {
            case TorchTensor tensor:
                Found(tensor);
                break;
            case TorchParameter { Tensor: TorchTensor tensor }:
                Found(tensor);
                break;
            case PickleDictionary dictionary:
                Enter(value);
                foreach (var (key, item) in dictionary.Items)
                    VisitAt(KeyText(key), item);

                _open.Remove(value);
                break;
            case List<object?> or object?[]:
                Enter(value);
                int index = 0;
                foreach (object? item in (IEnumerable<object?>)value)
                    VisitAt((index++).ToString(CultureInfo.InvariantCulture), item);

                _open.Remove(value);
                break;
        }
    }

    private void VisitAt(string? key, object? value)
    {
        _keys.Add(key);
        Visit(value);
        _keys.RemoveAt(_keys.Count - 1);
    }

    private void Enter(object collection)
    {
        if (_keys.Count >= CheckpointLimits.Nesting || !_open.Add(collection))
        {
            throw file.Refuse(
                _keys.Count >= CheckpointLimits.Nesting ? $"its collections are nested more than {CheckpointLimits.Nesting} deep" : "a collection in it contains itself",
                $"collections nested at most {CheckpointLimits.Nesting} deep, without cycles",
                "Save only the state dict");
        }
    }

    private void Found(TorchTensor tensor)
    {
        if (_found.Count == CheckpointLimits.Tensors || _keys.Contains(null))
        {
            throw file.Refuse(
                _keys.Contains(null) ? "a tensor in it lies under a key that is no name" : $"it holds more than {CheckpointLimits.Tensors} tensors",
                $"at most {CheckpointLimits.Tensors} tensors, under keys that are strings or numbers",
                "Save only the state dict");
        }

        budget.Charge(300);
        budget.ChargeString(_keys.Sum(key => key!.Length + 1L));
        _found.Add((_keys.Count == 0 ? "tensor" : string.Join('.', _keys), tensor));
    }

    private static string? KeyText(object? key) => key switch
    {
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        bool truth => truth ? "True" : "False",
        _ => null,
    };
}
