using System.Buffers.Binary;
using System.Text;

namespace VaPi.Build.Tests;

/// <summary>TorchSharp's library in memory, with just enough knowledge of ELF to damage it in chosen places.</summary>
internal sealed class ElfImage
{
    public const uint SymbolTable = 11;
    public const uint VersionTable = 0x6fffffff;
    public const uint VersionNeeds = 0x6ffffffe;
    public const uint DynamicSection = 6;

    private static readonly byte[] s_original = File.ReadAllBytes(TestEnvironment.OriginalLibrary);

    public byte[] Bytes { get; } = (byte[])s_original.Clone();

    public int SymbolCount => Section(SymbolTable).Size / 24;

    public int SectionCount => UInt16(60);

    public static int Length => s_original.Length;

    public static ElfImage Original() => new();

    public int SectionHeader(uint type) =>
        Enumerable.Range(0, SectionCount).Select(SectionHeaderAt).Single(h => UInt32(h + 4) == type);

    public int SectionHeaderAt(int index) => (int)UInt64(40) + 64 * index;

    public (int Offset, int Size) Section(uint type) => At(SectionHeader(type));

    /// <summary>The string table of the dynamic symbols.</summary>
    public (int Offset, int Size) Strings() => At(SectionHeaderAt((int)UInt32(SectionHeader(SymbolTable) + 40)));

    /// <summary>Where the symbol of a name is in the symbol table, and its version in the version table.</summary>
    public (int Symbol, int Version) Symbol(string name) => SymbolAt(
        Enumerable.Range(0, SymbolCount).Single(i => String((int)UInt32(SymbolAt(i).Symbol)) == name));

    public (int Symbol, int Version) SymbolAt(int index) =>
        (Section(SymbolTable).Offset + 24 * index, Section(VersionTable).Offset + 2 * index);

    /// <summary>Where the version-need table has the entry of a version.</summary>
    public int NeededVersion(string version)
    {
        int need = Section(VersionNeeds).Offset;
        while (true)
        {
            int entry = need + (int)UInt32(need + 8);
            for (int i = 0; i < UInt16(need + 2); i++)
            {
                if (String((int)UInt32(entry + 8)) == version)
                    return entry;
                entry += (int)UInt32(entry + 12);
            }

            uint next = UInt32(need + 12);
            if (next == 0)
                throw new InvalidOperationException($"The library needs no {version}.");
            need += (int)next;
        }
    }

    /// <summary>Where the dynamic section has the entry of a tag.</summary>
    public int Dynamic(ulong tag)
    {
        int at = Section(DynamicSection).Offset;
        while (UInt64(at) != tag)
            at += 16;
        return at;
    }

    public ushort UInt16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(at));

    public uint UInt32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(at));

    public ulong UInt64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(at));

    public void Set16(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(Bytes.AsSpan(at), (ushort)value);

    public void Set32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(at), value);

    public void Set64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Bytes.AsSpan(at), value);

    private (int Offset, int Size) At(int header) => ((int)UInt64(header + 24), (int)UInt64(header + 32));

    private string String(int start)
    {
        var rest = Bytes.AsSpan(Strings().Offset + start);
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
