// Compiled on the fly by MSBuild (see VaPi.Core.targets) against netstandard2.0, so the code keeps to what that has.
// The tests link this file with VAPI_PATCH_WITHOUT_MSBUILD and so need no MSBuild assemblies.
//
// WHAT. TorchSharp 0.107's libLibTorchSharp.so was linked with GCC 13. It asks for version GLIBCXX_3.4.32 of libstdc++,
// which Debian 12, Ubuntu 22.04 and RHEL 9 do not have, and the loader refuses it there.
//
// WHY IT IS SAFE TO TAKE THE DEMAND AWAY. Exactly one symbol is needed at that version:
// std::ios_base_library_init(). GCC 13's <iostream> calls it in a static initialiser, only so that the link fails with
// a libstdc++ that does not initialise cin and cout by itself; its body is empty. With an older libstdc++ somebody else
// must initialise the streams, and somebody does: libtorch_cpu.so and libc10.so, which libLibTorchSharp.so depends on
// and which the loader therefore initialises first, each construct a std::ios_base::Init object. So the call may go to
// any function that takes nothing and does no harm; getpid() is one, and every C library has it.
//
// HOW. Three small edits in the dynamic-linking tables; no code moves and the file keeps its length:
//   .gnu.version_r  the entry for GLIBCXX_3.4.32 names GLIBCXX_3.4.30 instead, which the file needs anyway;
//   .gnu.version    the symbol becomes unversioned (1), so that it may be found in the C library;
//   .dynstr         its name becomes "getpid".
// Undefined symbols are in no hash table of the file, so no hash has to follow.
//
// Every assumption above is checked first; if one does not hold, nothing is written.

#nullable enable
#pragma warning disable IDE0005, CA1846 // Redundant usings, substrings: only where the tests compile it, for a newer framework.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace VaPi.Build;

internal enum LibstdcxxPatchOutcome
{
    /// <summary>The file asks for no GLIBCXX_3.4.32; it is good as it is.</summary>
    NotNeeded,

    /// <summary>The demand was taken away.</summary>
    Patched,

    /// <summary>The file may ask for GLIBCXX_3.4.32, but is not built as expected; it was left alone.</summary>
    Unexpected,
}

internal sealed class LibstdcxxPatchResult
{
    private LibstdcxxPatchResult(LibstdcxxPatchOutcome outcome, byte[]? image, string reason)
    {
        Outcome = outcome;
        Image = image;
        Reason = reason;
    }

    public LibstdcxxPatchOutcome Outcome { get; }

    /// <summary>The patched file's bytes; <see langword="null"/> unless the outcome is Patched.</summary>
    public byte[]? Image { get; }

    /// <summary>What was unexpected; empty for the other outcomes.</summary>
    public string Reason { get; }

    public static LibstdcxxPatchResult NotNeeded() => new(LibstdcxxPatchOutcome.NotNeeded, null, "");

    public static LibstdcxxPatchResult Patched(byte[] image) => new(LibstdcxxPatchOutcome.Patched, image, "");

    public static LibstdcxxPatchResult Unexpected(string reason) => new(LibstdcxxPatchOutcome.Unexpected, null, reason);
}

internal static class LibstdcxxPatch
{
    public const string UnwantedVersion = "GLIBCXX_3.4.32";
    public const string PresentVersion = "GLIBCXX_3.4.30";
    public const string UnwantedSymbol = "_ZSt21ios_base_library_initv";
    public const string HarmlessSymbol = "getpid";

    private const string Library = "libstdc++.so.6";
    private const string VersionPrefix = "GLIBCXX_3.4.";
    private const int NewestPresentRevision = 30;
    private const int UnwantedRevision = 32;

    /// <summary>Gives the patched bytes of a shared library, or says why there are none. The argument is not changed.</summary>
    public static LibstdcxxPatchResult Apply(byte[] image)
    {
        // A file that does not even mention the version cannot need it, whatever else it is.
        if (IndexOf(image, Encoding.ASCII.GetBytes(UnwantedVersion + "\0")) < 0)
            return LibstdcxxPatchResult.NotNeeded();

        try
        {
            var copy = (byte[])image.Clone();
            return new Patcher(copy).Run() ? LibstdcxxPatchResult.Patched(copy) : LibstdcxxPatchResult.NotNeeded();
        }
        catch (UnexpectedLayoutException unexpected)
        {
            return LibstdcxxPatchResult.Unexpected(unexpected.Message);
        }
    }

    /// <summary>
    /// Writes the patched form of <paramref name="source"/> to <paramref name="destination"/>, with the mode of the
    /// source. The outcomes other than Patched write nothing.
    /// </summary>
    /// <remarks>
    /// The bytes go to a new file that is then renamed: the destination may be a hard link to a file of the package
    /// cache, which must not change, and nobody may ever see half a library.
    /// </remarks>
    public static LibstdcxxPatchResult WritePatchedCopy(string source, string destination)
    {
        var result = Apply(File.ReadAllBytes(source));
        if (result.Image is null)
            return result;

        if (File.Exists(destination) && SameBytes(File.ReadAllBytes(destination), result.Image))
            return result;

        string? folder = Path.GetDirectoryName(Path.GetFullPath(destination));
        if (folder is not null)
            Directory.CreateDirectory(folder);

        string temporary = destination + "." + Guid.NewGuid().ToString("N") + ".tmp";
        try
        {
            // Copying first is netstandard2.0's only way to carry the mode over.
            File.Copy(source, temporary);
            var attributes = File.GetAttributes(temporary);
            File.SetAttributes(temporary, attributes & ~FileAttributes.ReadOnly);
            File.WriteAllBytes(temporary, result.Image);
            File.SetLastWriteTimeUtc(temporary, LaterThan(source));
            File.SetAttributes(temporary, attributes);

            if (File.Exists(destination))
                File.Replace(temporary, destination, null);
            else
                File.Move(temporary, destination);
        }
        finally
        {
            File.Delete(temporary);
        }

        return result;
    }

    /// <summary>Now, but later than a file: copy steps compare times, and must see that the patched file is the newer.</summary>
    public static DateTime LaterThan(string file)
    {
        var now = DateTime.UtcNow;
        var least = File.GetLastWriteTimeUtc(file).AddSeconds(1);
        return now > least ? now : least;
    }

    private static bool SameBytes(byte[] a, byte[] b)
    {
        if (a.Length != b.Length)
            return false;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] != b[i])
                return false;
        }

        return true;
    }

    private static int IndexOf(byte[] bytes, byte[] sought)
    {
        for (int i = 0; i + sought.Length <= bytes.Length; i++)
        {
            int k = 0;
            while (k < sought.Length && bytes[i + k] == sought[k])
                k++;
            if (k == sought.Length)
                return i;
        }

        return -1;
    }

    private sealed class UnexpectedLayoutException : Exception
    {
        public UnexpectedLayoutException(string message)
            : base(message)
        {
        }
    }

    /// <summary>A run of bytes of the file, and where the loader maps it.</summary>
    private readonly struct Section
    {
        public Section(uint type, ulong address, long offset, long size, uint link, uint info)
        {
            Type = type;
            Address = address;
            Offset = offset;
            Size = size;
            Link = link;
            Info = info;
        }

        public uint Type { get; }

        public ulong Address { get; }

        public long Offset { get; }

        public long Size { get; }

        public uint Link { get; }

        public uint Info { get; }
    }

    /// <summary>One version that the file needs of a library (an Elf64_Vernaux).</summary>
    private sealed class NeededVersion
    {
        public NeededVersion(long offset, string library, string version, uint nameOffset, uint hash, ushort flags, ushort index)
        {
            Offset = offset;
            Library = library;
            Version = version;
            NameOffset = nameOffset;
            Hash = hash;
            Flags = flags;
            Index = index;
        }

        public long Offset { get; }

        public string Library { get; }

        public string Version { get; }

        public uint NameOffset { get; }

        public uint Hash { get; }

        public ushort Flags { get; }

        /// <summary>What .gnu.version says for the symbols that need this version.</summary>
        public ushort Index { get; }
    }

    /// <summary>Checks and edits one file image. Names and numbers are those of the ELF-64 and GNU versioning formats.</summary>
    private sealed class Patcher
    {
        private const int HeaderSize = 64;
        private const int SectionHeaderSize = 64;
        private const int ProgramHeaderSize = 56;
        private const int SymbolSize = 24;
        private const int DynamicEntrySize = 16;
        private const int VersionNeedSize = 16;

        private const int MostNeededVersions = 4096;

        private const uint SectionStrings = 3;
        private const uint SectionDynamic = 6;
        private const uint SectionDynamicSymbols = 11;
        private const uint SectionVersionDefinitions = 0x6ffffffd;
        private const uint SectionVersionNeeds = 0x6ffffffe;
        private const uint SectionVersions = 0x6fffffff;

        private const ushort VersionHidden = 0x8000;
        private const ushort VersionGlobal = 1;

        private readonly byte[] _image;
        private readonly HashSet<long> _stringsInUse = new();
        private Section _strings;

        public Patcher(byte[] image)
        {
            _image = image;
        }

        /// <summary>Edits the image; false if it does not need the unwanted version.</summary>
        public bool Run()
        {
            CheckHeader();
            var sections = ReadSections();
            var symbols = Only(sections, SectionDynamicSymbols, "dynamic symbol table");
            var versions = Only(sections, SectionVersions, "symbol version table (.gnu.version)");
            var needs = Only(sections, SectionVersionNeeds, "version-need table (.gnu.version_r)");
            var dynamic = Only(sections, SectionDynamic, "dynamic section");

            Require(symbols.Link < sections.Count, "the dynamic symbol table names no string table");
            _strings = sections[(int)symbols.Link];
            Require(_strings.Type == SectionStrings, "the dynamic symbol table names no string table");
            Require(_strings.Size > 0 && Byte(_strings.Offset + _strings.Size - 1) == 0, "the dynamic string table has no end");

            var needed = ReadNeededVersions(needs);
            if (!needed.Exists(n => n.Version == UnwantedVersion))
                return false;

            Require(needs.Link == symbols.Link && dynamic.Link == symbols.Link, "the tables name different string tables");
            Require(
                versions.Link < sections.Count && sections[(int)versions.Link].Offset == symbols.Offset,
                "the symbol version table is not that of the dynamic symbols");
            Require(!sections.Exists(s => s.Type == SectionVersionDefinitions), "the file defines versions of its own");
            RequireDisjoint(symbols, versions, needs, dynamic, _strings);
            CheckLoaderSeesTheSame(symbols, versions, needs, dynamic);

            var (unwanted, present) = CheckVersions(needed);
            var (versionOffset, nameOffset) = FindSymbol(symbols, versions, unwanted.Index);

            // All is as expected; only now does anything change.
            WriteUInt32(unwanted.Offset, present.Hash);
            WriteUInt32(unwanted.Offset + 8, present.NameOffset);
            WriteUInt16(versionOffset, VersionGlobal);
            for (int i = 0; i < UnwantedSymbol.Length; i++)
                _image[nameOffset + i] = i < HarmlessSymbol.Length ? (byte)HarmlessSymbol[i] : (byte)0;
            return true;
        }

        private static void Require(bool condition, string otherwise)
        {
            if (!condition)
                throw new UnexpectedLayoutException(otherwise);
        }

        private static Section Only(List<Section> sections, uint type, string name)
        {
            var found = sections.FindAll(s => s.Type == type);
            Require(found.Count == 1, $"the file has {found.Count} sections of the kind {name}, not one");
            return found[0];
        }

        private static void RequireDisjoint(params Section[] sections)
        {
            Array.Sort(sections, (a, b) => a.Offset.CompareTo(b.Offset));
            for (int i = 1; i < sections.Length; i++)
            {
                Require(
                    sections[i - 1].Offset + sections[i - 1].Size <= sections[i].Offset,
                    "two of the dynamic-linking tables overlap");
            }
        }

        private static (NeededVersion Unwanted, NeededVersion Present) CheckVersions(List<NeededVersion> needed)
        {
            var indices = new HashSet<ushort>();
            foreach (var need in needed)
            {
                Require(need.Index > VersionGlobal && (need.Index & VersionHidden) == 0, $"{Quote(need.Version)} has the reserved index {need.Index}");
                Require(indices.Add(need.Index), $"two needed versions share the index {need.Index}");
                Require(need.Hash == Hash(need.Version), $"the hash of {Quote(need.Version)} is wrong");

                // Patching one demand would not help a file that makes another as hard.
                if (need.Version.StartsWith(VersionPrefix, StringComparison.Ordinal)
                    && int.TryParse(need.Version.Substring(VersionPrefix.Length), out int revision))
                {
                    Require(
                        revision is <= NewestPresentRevision or UnwantedRevision,
                        $"the file also needs {need.Version}");
                }
            }

            var unwanted = needed.FindAll(n => n.Version == UnwantedVersion);
            var present = needed.FindAll(n => n.Version == PresentVersion);
            Require(unwanted.Count == 1, $"{UnwantedVersion} is needed {unwanted.Count} times, not once");
            Require(present.Count == 1, $"{PresentVersion} is needed {present.Count} times, not once");
            Require(unwanted[0].Library == Library && present[0].Library == Library, $"the versions are not of {Library}");
            Require(unwanted[0].Flags == 0 && present[0].Flags == 0, "a needed version has flags");
            return (unwanted[0], present[0]);
        }

        /// <summary>The hash by which the loader compares version names.</summary>
        private static uint Hash(string name)
        {
            uint hash = 0;
            foreach (char c in name)
            {
                hash = (hash << 4) + c;
                uint high = hash & 0xf0000000;
                hash = (hash ^ (high >> 24)) & ~high;
            }

            return hash;
        }

        private void CheckHeader()
        {
            Require(_image.Length >= HeaderSize && UInt32(0) == 0x464c457f, "it is not an ELF file");
            Require(Byte(4) == 2 && Byte(5) == 1 && Byte(6) == 1, "it is not a 64-bit little-endian ELF file");
            Require(UInt16(16) == 3, "it is not a shared library");
            Require(UInt16(18) == 62, "it is not for x86-64");
        }

        private List<Section> ReadSections()
        {
            long table = Offset(UInt64(40));
            int count = UInt16(60);
            Require(count > 0 && UInt16(58) == SectionHeaderSize, "it has no section headers");
            RequireInside(table, (long)count * SectionHeaderSize, "section headers");

            var sections = new List<Section>(count);
            for (int i = 0; i < count; i++)
            {
                long at = table + (long)i * SectionHeaderSize;
                uint type = UInt32(at + 4);

                // Of the others only the number counts; sections without bytes (.bss) may well lie outside the file.
                if (type is not (SectionStrings or SectionDynamic or SectionDynamicSymbols
                    or SectionVersionDefinitions or SectionVersionNeeds or SectionVersions))
                {
                    sections.Add(default);
                    continue;
                }

                long offset = Offset(UInt64(at + 24));
                long size = Offset(UInt64(at + 32));
                RequireInside(offset, size, "a section");
                sections.Add(new Section(type, UInt64(at + 16), offset, size, UInt32(at + 40), UInt32(at + 44)));
            }

            return sections;
        }

        private List<NeededVersion> ReadNeededVersions(Section needs)
        {
            long end = needs.Offset + needs.Size;
            var needed = new List<NeededVersion>();
            long at = needs.Offset;
            for (uint i = 0; i < needs.Info; i++)
            {
                Require(at + VersionNeedSize <= end, "the version-need table is cut short");
                Require(UInt16(at) == 1, "the version-need table has an unknown format");
                int count = UInt16(at + 2);
                string library = String(UInt32(at + 4));
                long entry = at + UInt32(at + 8);
                for (int k = 0; k < count; k++)
                {
                    Require(entry >= needs.Offset && entry + VersionNeedSize <= end, "the version-need table is cut short");
                    uint name = UInt32(entry + 8);
                    needed.Add(new NeededVersion(entry, library, String(name), name, UInt32(entry), UInt16(entry + 4), UInt16(entry + 6)));
                    Require(needed.Count <= MostNeededVersions, "the version-need table has too many entries");
                    uint next = UInt32(entry + 12);
                    Require(next == 0 ? k == count - 1 : next >= VersionNeedSize, "the version-need table's chain is broken");
                    entry += next;
                }

                uint nextNeed = UInt32(at + 12);
                Require(nextNeed == 0 ? i == needs.Info - 1 : nextNeed >= VersionNeedSize, "the version-need table's chain is broken");
                at += nextNeed;
            }

            return needed;
        }

        /// <summary>The loader goes by the dynamic section and the segments, not by section headers: both must agree.</summary>
        private void CheckLoaderSeesTheSame(Section symbols, Section versions, Section needs, Section dynamic)
        {
            var values = new Dictionary<ulong, ulong>();
            Require(dynamic.Size % DynamicEntrySize == 0, "the dynamic section is cut short");
            for (long at = dynamic.Offset; at < dynamic.Offset + dynamic.Size; at += DynamicEntrySize)
            {
                ulong tag = UInt64(at);
                ulong value = UInt64(at + 8);
                if (tag == 0)
                    break;

                // NEEDED, SONAME, RPATH, RUNPATH, CONFIG, DEPAUDIT, AUDIT, AUXILIARY, FILTER: offsets of strings.
                if (tag is 1 or 14 or 15 or 29 or 0x6ffffefa or 0x6ffffefb or 0x6ffffefc or 0x7ffffffd or 0x7fffffff)
                {
                    Require(value < (ulong)_strings.Size, "the dynamic section names a string outside the table");
                    _stringsInUse.Add((long)value);
                }
                else
                {
                    Require(!values.ContainsKey(tag), $"the dynamic section has the tag 0x{tag:x} twice");
                    values.Add(tag, value);
                }
            }

            RequireTag(values, 5, _strings.Address, "string table");
            RequireTag(values, 10, (ulong)_strings.Size, "string table's size");
            RequireTag(values, 6, symbols.Address, "symbol table");
            RequireTag(values, 11, SymbolSize, "symbol's size");
            RequireTag(values, 0x6ffffff0, versions.Address, "symbol version table");
            RequireTag(values, 0x6ffffffe, needs.Address, "version-need table");
            RequireTag(values, 0x6fffffff, needs.Info, "number of version needs");

            long table = Offset(UInt64(32));
            int count = UInt16(56);
            Require(UInt16(54) == ProgramHeaderSize, "it has no program headers");
            RequireInside(table, (long)count * ProgramHeaderSize, "program headers");
            foreach (var section in new[] { symbols, versions, needs, dynamic, _strings })
            {
                bool mapped = false;
                for (int i = 0; i < count; i++)
                {
                    long at = table + (long)i * ProgramHeaderSize;
                    if (UInt32(at) != 1)
                        continue;
                    long offset = Offset(UInt64(at + 8));
                    long size = Offset(UInt64(at + 32));
                    mapped |= offset <= section.Offset
                        && section.Offset + section.Size <= offset + size
                        && unchecked(UInt64(at + 16) + (ulong)(section.Offset - offset)) == section.Address;
                }

                Require(mapped, "a dynamic-linking table is not where the loader maps it");
            }
        }

        private static void RequireTag(Dictionary<ulong, ulong> values, ulong tag, ulong expected, string what) =>
            Require(
                values.TryGetValue(tag, out ulong value) && value == expected,
                $"the dynamic section and the section headers disagree about the {what}");

        /// <summary>The one symbol with a version index: where its index and its name are.</summary>
        private (long VersionOffset, long NameOffset) FindSymbol(Section symbols, Section versions, ushort index)
        {
            Require(symbols.Size % SymbolSize == 0, "the dynamic symbol table is cut short");
            long count = symbols.Size / SymbolSize;
            Require(versions.Size == 2 * count, "the symbol version table and the symbol table differ in length");

            long found = -1;
            for (long i = 0; i < count; i++)
            {
                long at = symbols.Offset + i * SymbolSize;
                uint name = UInt32(at);
                ushort version = UInt16(versions.Offset + 2 * i);
                if ((version & ~VersionHidden) == index)
                {
                    Require(found < 0, $"more than one symbol needs {UnwantedVersion}");
                    Require(version == index, $"the symbol that needs {UnwantedVersion} is hidden");
                    found = i;
                }
                else
                {
                    Require(name < _strings.Size, "a symbol's name lies outside the string table");
                    _stringsInUse.Add(name);
                    Require(
                        !IsString(name, HarmlessSymbol) || UInt16(at + 6) == 0,
                        $"the file defines a {HarmlessSymbol} of its own");
                }
            }

            Require(found >= 0, $"no symbol needs {UnwantedVersion}");
            long symbol = symbols.Offset + found * SymbolSize;
            uint start = UInt32(symbol);
            if (!IsString(start, UnwantedSymbol))
                throw new UnexpectedLayoutException($"the symbol that needs {UnwantedVersion} is {Quote(String(start))}");

            // A global function, undefined here, of default visibility.
            Require(
                Byte(symbol + 4) == 0x12 && Byte(symbol + 5) == 0 && UInt16(symbol + 6) == 0
                    && UInt64(symbol + 8) == 0 && UInt64(symbol + 16) == 0,
                $"{UnwantedSymbol} is not an undefined function");

            // Linkers let one string be the tail of another: then its bytes belong to more than this symbol.
            Require(start > 0 && Byte(_strings.Offset + start - 1) == 0, $"the name {UnwantedSymbol} is part of another");
            for (long i = 0; i <= UnwantedSymbol.Length; i++)
                Require(!_stringsInUse.Contains(start + i), $"the name {UnwantedSymbol} is shared");

            return (versions.Offset + 2 * found, _strings.Offset + start);
        }

        /// <summary>A string of the dynamic string table, which is thereby in use.</summary>
        private string String(uint start)
        {
            Require(start < _strings.Size, "a name lies outside the string table");
            long at = _strings.Offset + start;
            var text = new StringBuilder();
            while (Byte(at) != 0) // The table is known to end with a zero.
                text.Append((char)Byte(at++));
            _stringsInUse.Add(start);
            return text.ToString();
        }

        /// <summary>A name fit for a message, whatever a broken file has in its place.</summary>
        private static string Quote(string name)
        {
            var text = new StringBuilder();
            for (int i = 0; i < name.Length && i < 80; i++)
                text.Append(name[i] is > ' ' and <= '~' ? name[i] : '?');
            return text.ToString();
        }

        private bool IsString(uint start, string expected)
        {
            long at = _strings.Offset + start;
            for (int i = 0; i <= expected.Length; i++)
            {
                if (at + i >= _image.Length || _image[at + i] != (i < expected.Length ? (byte)expected[i] : 0))
                    return false;
            }

            return true;
        }

        private long Offset(ulong value)
        {
            Require(value <= (ulong)_image.Length, "the file is cut short");
            return (long)value;
        }

        private void RequireInside(long offset, long size, string what) =>
            Require(offset >= 0 && size >= 0 && offset + size <= _image.Length, $"the file is cut short: {what} would lie outside it");

        private byte Byte(long at)
        {
            RequireInside(at, 1, "a field");
            return _image[at];
        }

        private ushort UInt16(long at)
        {
            RequireInside(at, 2, "a field");
            return (ushort)(_image[at] | (_image[at + 1] << 8));
        }

        private uint UInt32(long at) => UInt16(at) | ((uint)UInt16(at + 2) << 16);

        private ulong UInt64(long at) => UInt32(at) | ((ulong)UInt32(at + 4) << 32);

        private void WriteUInt16(long at, ushort value)
        {
            _image[at] = (byte)value;
            _image[at + 1] = (byte)(value >> 8);
        }

        private void WriteUInt32(long at, uint value)
        {
            WriteUInt16(at, (ushort)value);
            WriteUInt16(at + 2, (ushort)(value >> 16));
        }
    }
}

#if !VAPI_PATCH_WITHOUT_MSBUILD

/// <summary>Makes a copy of TorchSharp's native library that an older libstdc++ accepts; says loudly what it did.</summary>
public sealed class PatchTorchSharpForOlderLibstdcxx : Microsoft.Build.Utilities.Task
{
    /// <summary>The library as the package has it. Never changed.</summary>
    [Microsoft.Build.Framework.Required]
    public string Source { get; set; } = "";

    /// <summary>Where the patched copy goes; exists afterwards only if the source needed a patch and got one.</summary>
    [Microsoft.Build.Framework.Required]
    public string Destination { get; set; } = "";

    /// <summary>A file that is written when all is well, so that the next build need not look again.</summary>
    [Microsoft.Build.Framework.Required]
    public string Stamp { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            bool wasThere = File.Exists(Destination);
            var result = LibstdcxxPatch.WritePatchedCopy(Source, Destination);
            switch (result.Outcome)
            {
                case LibstdcxxPatchOutcome.Patched when !wasThere:
                    Log.LogMessage(
                        Microsoft.Build.Framework.MessageImportance.High,
                        "VaPi: TorchSharp's libLibTorchSharp.so needs the libstdc++ of GCC 13 (" + LibstdcxxPatch.UnwantedVersion + "), which "
                        + "Debian 12, Ubuntu 22.04, RHEL 9 and others do not have. This program gets a PATCHED COPY of it that loads there "
                        + "as well: its one call to " + LibstdcxxPatch.UnwantedSymbol + ", which does nothing, goes to "
                        + LibstdcxxPatch.HarmlessSymbol + " instead. The package itself is unchanged. To keep the original, set the "
                        + "property VaPiPatchTorchSharpForOlderLibstdcxx to false.");
                    break;

                case LibstdcxxPatchOutcome.Unexpected:
                    Warn(
                        "VAPI0001",
                        "this libLibTorchSharp.so may need " + LibstdcxxPatch.UnwantedVersion + " of libstdc++, and is not the file that VaPi "
                        + "knows how to patch for systems without it: " + result.Reason + ". It was left as it is. It will load where "
                        + "libstdc++ is that of GCC 13 or later (Debian 13, Ubuntu 24.04); on older systems install a newer libstdc++ or "
                        + "use the TorchSharp version that this VaPi was built with. Set VaPiPatchTorchSharpForOlderLibstdcxx to false to "
                        + "silence this warning.");
                    break;

                default:
                    break;
            }

            if (result.Outcome != LibstdcxxPatchOutcome.Patched)
                File.Delete(Destination);

            if (result.Outcome != LibstdcxxPatchOutcome.Unexpected)
            {
                File.WriteAllText(Stamp, result.Outcome.ToString());
                File.SetLastWriteTimeUtc(Stamp, LibstdcxxPatch.LaterThan(Source));
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Warn(
                "VAPI0002",
                "the copy of libLibTorchSharp.so for systems with an older libstdc++ could not be written: " + failure.Message + " The "
                + "original is used; it loads only where libstdc++ is that of GCC 13 or later.");
        }

        return true;
    }

    private void Warn(string code, string message) =>
        Log.LogWarning(null, code, null, Source, 0, 0, 0, 0, "VaPi: " + message);
}

#endif
