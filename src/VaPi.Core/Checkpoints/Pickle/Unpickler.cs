using System.Numerics;
using VaPi.Checkpoints.Files;

namespace VaPi.Checkpoints.Pickle;

/// <summary>
/// The part of Python's pickle machine (protocols 2 to 5) that checkpoints use. It calls no code: globals are
/// names out of <see cref="IPickleWorld"/>, and a call of one only describes a tensor or a collection. It does
/// not recurse, and what it builds is paid for from a budget.
/// </summary>
internal sealed class Unpickler(CheckpointFile file, PickleInput input, AllocationBudget budget, IPickleWorld world)
{
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<int, object?> _memo = [];

    /// <summary>Runs one pickle to its end and returns its value.</summary>
    public object? Run()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        long start = input.Position;
        for (int operations = 0; operations < CheckpointLimits.PickleOperations; operations++)
        {
            byte code = input.Byte();
            if (code == '.')
                return Pop();

            Execute(code);
            if (_stack.Count + _marks.Count > CheckpointLimits.PickleStack || input.Position - start > CheckpointLimits.PickleBytes)
                break;
        }

        throw file.Refuse(
            "its pickle is too large or too deep",
            $"{CheckpointLimits.PickleBytes >> 20} MB, {CheckpointLimits.PickleOperations} operations, {CheckpointLimits.PickleStack} values at a time",
            "Save only the state dict, without optimiser or training objects");
    }

    private void Execute(byte code)
    {
        switch (code)
        {
            case 0x80: // PROTO
                if (input.Byte() is < 2 or > 5)
                    throw file.Refuse("its pickle is of another protocol", "pickle protocols 2 to 5", "Save it again with the default protocol");

                break;
            case 0x95: // FRAME: only a hint for buffering
                input.Take(8);
                break;

            case (byte)'(': // MARK
                _marks.Push(_stack.Count);
                break;
            case (byte)'0': // POP
                if (_marks.TryPeek(out int mark) && mark == _stack.Count)
                    _marks.Pop();
                else
                    Pop();

                break;
            case (byte)'1': // POP_MARK
                PopToMark();
                break;
            case (byte)'2': // DUP
                _stack.Add(Peek());
                break;

            case (byte)'N': // NONE
                _stack.Add(null);
                break;
            case 0x88: // NEWTRUE
            case 0x89: // NEWFALSE
                Push(code == 0x88, 24);
                break;
            case (byte)'J': // BININT
                Push((long)input.Int32(), 24);
                break;
            case (byte)'K': // BININT1
                Push((long)input.Byte(), 24);
                break;
            case (byte)'M': // BININT2
                Push((long)input.UInt16(), 24);
                break;
            case 0x8a: // LONG1
                PushInteger(input.Byte());
                break;
            case 0x8b: // LONG4
                PushInteger(input.Length4());
                break;
            case (byte)'G': // BINFLOAT
                Push(input.Double(), 24);
                break;

            case (byte)'U': // SHORT_BINSTRING
            case 0x8c: // SHORT_BINUNICODE
                PushText(input.Byte());
                break;
            case (byte)'T': // BINSTRING
            case (byte)'X': // BINUNICODE
                PushText(input.Length4());
                break;
            case 0x8d: // BINUNICODE8
                PushText(input.Length8());
                break;
            case (byte)'C': // SHORT_BINBYTES
                SkipBytes(input.Byte());
                break;
            case (byte)'B': // BINBYTES
                SkipBytes(input.Length4());
                break;
            case 0x8e: // BINBYTES8
            case 0x96: // BYTEARRAY8
                SkipBytes(input.Length8());
                break;

            case (byte)')': // EMPTY_TUPLE
                _stack.Add(Array.Empty<object?>());
                break;
            case 0x85: // TUPLE1
            case 0x86: // TUPLE2
            case 0x87: // TUPLE3
                PushTuple(PopMany(code - 0x84));
                break;
            case (byte)'t': // TUPLE
                PushTuple(PopToMark());
                break;
            case (byte)']': // EMPTY_LIST
            case 0x8f: // EMPTY_SET
                Push(new List<object?>(), 64);
                break;
            case (byte)'l': // LIST
            case 0x91: // FROZENSET
                var members = PopToMark();
                Push(new List<object?>(), 64);
                Append(members);
                break;
            case (byte)'a': // APPEND
                Append(PopMany(1));
                break;
            case (byte)'e': // APPENDS
            case 0x90: // ADDITEMS
                Append(PopToMark());
                break;
            case (byte)'}': // EMPTY_DICT
                Push(new PickleDictionary(), 96);
                break;
            case (byte)'d': // DICT
                var pairs = PopToMark();
                Push(new PickleDictionary(), 96);
                SetItems(pairs);
                break;
            case (byte)'s': // SETITEM
                SetItems(PopMany(2));
                break;
            case (byte)'u': // SETITEMS
                SetItems(PopToMark());
                break;

            case (byte)'h': // BINGET
                Recall(input.Byte());
                break;
            case (byte)'j': // LONG_BINGET
                Recall(input.Int32());
                break;
            case (byte)'q': // BINPUT
                Remember(input.Byte());
                break;
            case (byte)'r': // LONG_BINPUT
                Remember(input.Int32());
                break;
            case 0x94: // MEMOIZE
                Remember(_memo.Count);
                break;

            case (byte)'c': // GLOBAL
                string module = input.Line();
                _stack.Add(world.Global(module, input.Line()));
                break;
            case 0x93: // STACK_GLOBAL
                var names = PopMany(2);
                _stack.Add(world.Global(Expect<string>(names[0]), Expect<string>(names[1])));
                break;
            case (byte)'R': // REDUCE
            case 0x81: // NEWOBJ
                var call = PopMany(2);
                Call(Expect<PickleGlobal>(call[0]), Expect<object?[]>(call[1]));
                break;
            case (byte)'b': // BUILD
                var state = Pop();
                if (!world.Build(Peek(), state))
                    throw Malformed();

                break;
            case (byte)'Q': // BINPERSID
                Push(world.Persistent(Pop()), 0);
                break;

            default:
                throw file.Refuse(
                    $"its pickle has the operation 0x{code:X2} at byte {input.Position - 1}",
                    "the operations that torch.save writes for tensors and plain collections",
                    "Do not run the file; save the state dict again, as safetensors, where it was made");
        }
    }

    private void Call(PickleGlobal global, object?[] arguments)
    {
        budget.Charge(160 + (16 * arguments.Length));
        _stack.Add(global.Call(arguments) ?? throw file.Refuse(
            $"its pickle calls {CheckpointFile.Quote(global.Name)} with arguments that it does not take", "calls as torch.save writes them"));
    }

    private void Push(object? value, long cost)
    {
        budget.Charge(cost);
        _stack.Add(value);
    }

    private void PushInteger(int length)
    {
        if (length > 255)
            throw file.Refuse($"its pickle has a whole number of {length} bytes", "numbers of at most 255 bytes");

        var value = new BigInteger(input.Take(length));
        bool small = value >= long.MinValue && value <= long.MaxValue;
        Push(small ? (object)(long)value : value, 48 + length);
    }

    private void PushText(long length)
    {
        if (length > CheckpointLimits.StringBytes)
        {
            SkipBytes(length);
            return;
        }

        budget.ChargeString(length);
        _stack.Add(input.Text((int)length));
    }

    private void SkipBytes(long length)
    {
        input.Skip(length);
        _stack.Add(PickleOpaque.Instance);
    }

    // The members were taken off the stack into an array of their own: it is the tuple.
    private void PushTuple(object?[] members) => _stack.Add(members);

    private void Append(object?[] members) => Expect<List<object?>>(Peek()).AddRange(members);

    private void SetItems(object?[] members)
    {
        var target = Expect<PickleDictionary>(Peek());
        if (members.Length % 2 != 0)
            throw Malformed();

        budget.Charge(16 * members.Length);
        for (int i = 0; i < members.Length; i += 2)
            target.Items.Add((members[i], members[i + 1]));
    }

    private void Remember(int index)
    {
        budget.Charge(48);
        _memo[index] = Peek();
    }

    private void Recall(int index) =>
        _stack.Add(_memo.TryGetValue(index, out object? value) ? value : throw Malformed());

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Malformed();

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] PopMany(int count)
    {
        if (_stack.Count - Floor < count)
            throw Malformed();

        budget.Charge(32 + (16 * count));
        var values = _stack.GetRange(_stack.Count - count, count).ToArray();
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private object?[] PopToMark()
    {
        var values = PopMany(_stack.Count - (_marks.Count > 0 ? Floor : throw Malformed()));
        _marks.Pop();
        return values;
    }

    // What lies under the last mark belongs to an unfinished collection further out.
    private int Floor => _marks.TryPeek(out int mark) ? mark : 0;

    private T Expect<T>(object? value) => value is T expected ? expected : throw Malformed();

    private CheckpointException Malformed() =>
        file.Refuse($"its pickle makes no sense at byte {input.Position}", "a pickle as torch.save writes it");
}
