using System.Buffers.Binary;
using System.Text;

namespace VaPi.Checkpoints.Pickle;

/// <summary>Writes the few instructions of pickle protocol 2 that a state dict needs.</summary>
internal sealed class PickleOutput : IDisposable
{
    private readonly MemoryStream _bytes = new();

    public PickleOutput() => _bytes.Write([0x80, 2]);

    public void Mark() => Write('(');

    public void EmptyTuple() => Write(')');

    /// <summary>What is on the stack above the last mark becomes a tuple.</summary>
    public void Tuple() => Write('t');

    public void EmptyDictionary() => Write('}');

    /// <summary>The pairs above the last mark go into the dictionary under it.</summary>
    public void SetItems() => Write('u');

    /// <summary>Calls the global under the tuple on top with it.</summary>
    public void Reduce() => Write('R');

    /// <summary>The tuple on top names something outside the pickle.</summary>
    public void PersistentId() => Write('Q');

    public void False() => Write((char)0x89);

    public void Global(string module, string name)
    {
        Write('c');
        _bytes.Write(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));
    }

    public void Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Write('X');
        WriteInt32(utf8.Length);
        _bytes.Write(utf8);
    }

    public void Integer(long value)
    {
        if (value == (int)value)
        {
            Write('J');
            WriteInt32((int)value);
            return;
        }

        Span<byte> wide = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(wide, value);
        _bytes.Write([0x8a, sizeof(long)]);
        _bytes.Write(wide);
    }

    /// <summary>Ends the pickle with what is on top of the stack.</summary>
    public byte[] Finish()
    {
        Write('.');
        return _bytes.ToArray();
    }

    public void Dispose() => _bytes.Dispose();

    private void Write(char instruction) => _bytes.WriteByte((byte)instruction);

    private void WriteInt32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _bytes.Write(bytes);
    }
}
