using Xunit;
using Xunit.Abstractions;

namespace VaPi.Build.Tests;

public sealed class LibstdcxxPatchTests(ITestOutputHelper log)
{
    private const int UnexpectedlyHighVersion = 0x7abc;

    /// <summary>Each makes the library something other than what the patch was written for.</summary>
    private static readonly Dictionary<string, Action<ElfImage>> s_damages = new()
    {
        ["no ELF file"] = e => e.Bytes[1] = (byte)'F',
        ["32 bits"] = e => e.Bytes[4] = 1,
        ["big-endian"] = e => e.Bytes[5] = 2,
        ["a program, not a library"] = e => e.Set16(16, 2),
        ["another processor"] = e => e.Set16(18, 183),
        ["no section headers"] = e => e.Set16(60, 0),
        ["section headers outside the file"] = e => e.Set64(40, (ulong)ElfImage.Length - 10),
        ["section headers at an absurd place"] = e => e.Set64(40, ulong.MaxValue - 63),
        ["section headers of another size"] = e => e.Set16(58, 40),
        ["no program headers"] = e => e.Set16(54, 0),
        ["program headers outside the file"] = e => e.Set64(32, (ulong)ElfImage.Length - 1),
        ["segments mapped elsewhere"] = e => e.Set64((int)e.UInt64(32) + 16, 0x1000),
        ["no symbol table"] = e => e.Set32(e.SectionHeader(ElfImage.SymbolTable) + 4, 0),
        ["two version tables"] = e => e.Set32(e.SectionHeaderAt(7) + 4, ElfImage.VersionTable),
        ["versions defined"] = e => e.Set32(e.SectionHeaderAt(7) + 4, 0x6ffffffd),
        ["symbols without strings"] = e => e.Set32(e.SectionHeader(ElfImage.SymbolTable) + 40, 9999),
        ["symbols outside the file"] = e => e.Set64(e.SectionHeader(ElfImage.SymbolTable) + 24, (ulong)ElfImage.Length),
        ["an odd symbol table size"] = e => e.Set64(e.SectionHeader(ElfImage.SymbolTable) + 32, (ulong)e.Section(ElfImage.SymbolTable).Size - 8),
        ["a version table of another length"] = e => e.Set64(e.SectionHeader(ElfImage.VersionTable) + 32, 100),
        ["a version table of other symbols"] = e => e.Set32(e.SectionHeader(ElfImage.VersionTable) + 40, 5),
        ["strings without an end"] = e => e.Bytes[e.Strings().Offset + e.Strings().Size - 1] = (byte)'x',
        ["overlapping tables"] = e => e.Set64(e.SectionHeader(ElfImage.VersionTable) + 24, (ulong)e.Section(ElfImage.VersionNeeds).Offset),
        ["another symbol table for the loader"] = e => e.Set64(e.Dynamic(6) + 8, 0x1234),
        ["another string table for the loader"] = e => e.Set64(e.Dynamic(5) + 8, 0x1234),
        ["another version table for the loader"] = e => e.Set64(e.Dynamic(0x6ffffff0) + 8, 0x1234),
        ["other version needs for the loader"] = e => e.Set64(e.Dynamic(0x6ffffffe) + 8, 0x1234),
        ["another number of version needs for the loader"] = e => e.Set64(e.Dynamic(0x6fffffff) + 8, 4),
        ["version needs that never end"] = e => e.Set32(e.Section(ElfImage.VersionNeeds).Offset + 12, 0),
        ["version needs of an unknown format"] = e => e.Set16(e.Section(ElfImage.VersionNeeds).Offset, 2),
        ["version needs that lead outside"] = e => e.Set32(e.Section(ElfImage.VersionNeeds).Offset + 8, 0x7fffffff),
        ["version needs that lead back"] = e => e.Set32(e.NeededVersion("GLIBCXX_3.4.29") + 12, 0),
        ["a version's name outside the strings"] = e => e.Set32(e.NeededVersion("GLIBCXX_3.4.29") + 8, 0x7fffffff),
        ["a version's hash"] = e => e.Set32(e.NeededVersion("GLIBCXX_3.4.32"), 1),
        ["the other version's hash"] = e => e.Set32(e.NeededVersion("GLIBCXX_3.4.30"), 1),
        ["a weak need"] = e => e.Set16(e.NeededVersion("GLIBCXX_3.4.32") + 4, 2),
        ["two versions of one index"] = e => e.Set16(e.NeededVersion("GLIBCXX_3.4.29") + 6, e.UInt16(e.NeededVersion("GLIBCXX_3.4.32") + 6)),
        ["GLIBCXX_3.4.30 absent"] = e => RenameVersion(e, "GLIBCXX_3.4.30", "GLIBCXX_3.4.29"),
        ["GLIBCXX_3.4.32 needed twice"] = e => RenameVersion(e, "GLIBCXX_3.4.29", "GLIBCXX_3.4.32"),
        ["a still later version needed"] = e => SetNameOfVersion(e, "GLIBCXX_3.4.29", "GLIBCXX_3.4.33", 0x0297f843),
        ["no symbol at that version"] = e => e.Set16(e.Symbol(LibstdcxxPatch.UnwantedSymbol).Version, 2),
        ["a hidden symbol"] = e => e.Set16(e.Symbol(LibstdcxxPatch.UnwantedSymbol).Version, e.UInt16(e.Symbol(LibstdcxxPatch.UnwantedSymbol).Version) | 0x8000),
        ["a second symbol at that version"] = e => e.Set16(e.SymbolAt(5).Version, e.UInt16(e.Symbol(LibstdcxxPatch.UnwantedSymbol).Version)),
        ["another symbol's name"] = e => e.Bytes[NameOf(e) + 5] = (byte)'X',
        ["a longer name"] = e => e.Bytes[NameOf(e) + LibstdcxxPatch.UnwantedSymbol.Length] = (byte)'x',
        ["a name that is another's tail"] = e => e.Bytes[NameOf(e) - 1] = (byte)'x',
        ["a name outside the strings"] = e => e.Set32(e.Symbol(LibstdcxxPatch.UnwantedSymbol).Symbol, 0x7fffffff),
        ["another symbol's name outside the strings"] = e => e.Set32(e.SymbolAt(5).Symbol, 0x7fffffff),
        ["a name shared with another symbol"] = e => e.Set32(e.SymbolAt(5).Symbol, e.UInt32(e.Symbol(LibstdcxxPatch.UnwantedSymbol).Symbol)),
        ["a name whose tail is another symbol's"] = e => e.Set32(e.SymbolAt(5).Symbol, e.UInt32(e.Symbol(LibstdcxxPatch.UnwantedSymbol).Symbol) + 7),
        ["a name shared with a needed library"] = e => e.Set64(e.Dynamic(1) + 8, e.UInt32(e.Symbol(LibstdcxxPatch.UnwantedSymbol).Symbol) + 3),
        ["a symbol defined here"] = e => e.Set16(e.Symbol(LibstdcxxPatch.UnwantedSymbol).Symbol + 6, 12),
        ["a weak symbol"] = e => e.Bytes[e.Symbol(LibstdcxxPatch.UnwantedSymbol).Symbol + 4] = 0x22,
        ["a data symbol"] = e => e.Bytes[e.Symbol(LibstdcxxPatch.UnwantedSymbol).Symbol + 4] = 0x11,
        ["a version index that no need has"] = e => e.Set16(e.Symbol(LibstdcxxPatch.UnwantedSymbol).Version, UnexpectedlyHighVersion),
        ["a getpid of its own"] = DefineGetpid,
    };

    public static TheoryData<string> Damages => [.. s_damages.Keys];

    [Fact]
    public void The_published_library_is_patched()
    {
        var result = LibstdcxxPatch.Apply(ElfImage.Original().Bytes);

        Assert.Equal(LibstdcxxPatchOutcome.Patched, result.Outcome);
        Assert.Equal("", result.Reason);
    }

    [Fact]
    public void Only_the_three_entries_change()
    {
        var original = ElfImage.Original();
        byte[] patched = LibstdcxxPatch.Apply(original.Bytes).Image!;
        int need = original.NeededVersion(LibstdcxxPatch.UnwantedVersion);
        int version = original.Symbol(LibstdcxxPatch.UnwantedSymbol).Version;
        int name = NameOf(original);

        Assert.Equal(original.Bytes.Length, patched.Length);
        var changed = Enumerable.Range(0, patched.Length).Where(i => patched[i] != original.Bytes[i]);
        Assert.All(changed, i => Assert.True(
            (i >= need && i < need + 4) || (i >= need + 8 && i < need + 12)
            || (i >= version && i < version + 2)
            || (i >= name && i < name + LibstdcxxPatch.UnwantedSymbol.Length),
            $"Byte {i} changed."));
    }

    [Fact]
    public void The_argument_is_not_changed()
    {
        var image = ElfImage.Original();
        LibstdcxxPatch.Apply(image.Bytes);

        Assert.Equal(ElfImage.Original().Bytes, image.Bytes);
    }

    [Fact]
    public void A_patched_library_needs_no_patch()
    {
        byte[] patched = LibstdcxxPatch.Apply(ElfImage.Original().Bytes).Image!;

        Assert.Equal(LibstdcxxPatchOutcome.NotNeeded, LibstdcxxPatch.Apply(patched).Outcome);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void A_file_that_does_not_mention_the_version_needs_no_patch(int length) =>
        Assert.Equal(LibstdcxxPatchOutcome.NotNeeded, LibstdcxxPatch.Apply(new byte[length]).Outcome);

    [Theory]
    [MemberData(nameof(Damages))]
    public void An_unexpected_library_is_left_alone_with_a_reason(string damage)
    {
        var image = ElfImage.Original();
        s_damages[damage](image);
        byte[] before = (byte[])image.Bytes.Clone();

        var result = LibstdcxxPatch.Apply(image.Bytes);

        Assert.Equal(LibstdcxxPatchOutcome.Unexpected, result.Outcome);
        Assert.Null(result.Image);
        log.WriteLine(result.Reason);
        Assert.NotEmpty(result.Reason);
        Assert.DoesNotContain(result.Reason, char.IsControl);
        Assert.True(before.AsSpan().SequenceEqual(image.Bytes));
    }

    [Fact]
    public void A_truncated_library_is_never_patched_and_never_throws()
    {
        var random = new Random(20);
        byte[] bytes = ElfImage.Original().Bytes;
        var lengths = Enumerable.Range(0, 100).Select(_ => random.Next(bytes.Length))
            .Concat(Enumerable.Range(0, 100).Select(_ => random.Next(0x50000)))
            .Concat([0, 4, 63, 64, bytes.Length - 1, bytes.Length - 64]);

        Assert.All(lengths, length => Assert.NotEqual(LibstdcxxPatchOutcome.Patched, LibstdcxxPatch.Apply(bytes[..length]).Outcome));
    }

    [Fact]
    public void Random_damage_to_the_tables_never_throws()
    {
        var random = new Random(21);
        var original = ElfImage.Original();
        (int Offset, int Size)[] places =
        [
            (0, 64),
            (original.SectionHeaderAt(0), 64 * original.SectionCount),
            original.Section(ElfImage.VersionNeeds),
            original.Section(ElfImage.DynamicSection),
            original.Section(ElfImage.VersionTable),
            original.Section(ElfImage.SymbolTable),
        ];

        for (int round = 0; round < 300; round++)
        {
            byte[] bytes = (byte[])original.Bytes.Clone();
            var (offset, size) = places[round % places.Length];
            for (int i = 0; i <= round % 3; i++)
                bytes[offset + random.Next(size)] = (byte)random.Next(256);
            LibstdcxxPatch.Apply(bytes);
        }
    }

    private static int NameOf(ElfImage e) =>
        e.Strings().Offset + (int)e.UInt32(e.Symbol(LibstdcxxPatch.UnwantedSymbol).Symbol);

    /// <summary>Makes one needed version another, properly: name and hash.</summary>
    private static void RenameVersion(ElfImage e, string version, string other)
    {
        int from = e.NeededVersion(other);
        int to = e.NeededVersion(version);
        e.Set32(to, e.UInt32(from));
        e.Set32(to + 8, e.UInt32(from + 8));
    }

    private static void SetNameOfVersion(ElfImage e, string version, string name, uint hash)
    {
        int entry = e.NeededVersion(version);
        System.Text.Encoding.ASCII.GetBytes(name, e.Bytes.AsSpan(e.Strings().Offset + (int)e.UInt32(entry + 8)));
        e.Set32(entry, hash);
    }

    /// <summary>Gives a symbol that the library defines the name getpid.</summary>
    private static void DefineGetpid(ElfImage e)
    {
        int defined = Enumerable.Range(1, e.SymbolCount - 1).Select(i => e.SymbolAt(i).Symbol).First(s => e.UInt16(s + 6) != 0);
        "getpid\0"u8.CopyTo(e.Bytes.AsSpan(e.Strings().Offset + (int)e.UInt32(defined)));
    }
}
