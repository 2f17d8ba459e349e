using System.Buffers.Binary;
using static TorchSharp.torch;

namespace VaPi.Alignment.State;

/// <summary>Looks at a generator's state before libtorch is given it, which ends the process over one that it cannot use.</summary>
internal static class GeneratorState
{
    // Of the Mersenne twister in libtorch's CPU generator: the seed (8 bytes), the numbers left, whether it is seeded, the
    // index of the next number, then as many words as this.
    private const int Words = 624;

    /// <summary>Whether a CPU generator can be set to the state.</summary>
    /// <param name="state">What is to be set.</param>
    /// <param name="own">The state that the generator has.</param>
    public static bool IsUsable(Tensor state, Tensor own)
    {
        if (state.dtype != ScalarType.Byte || !state.shape.SequenceEqual(own.shape))
            return false;
        ReadOnlySpan<byte> content = state.data<byte>().ToArray();
        int left = BinaryPrimitives.ReadInt32LittleEndian(content[8..]);
        int seeded = BinaryPrimitives.ReadInt32LittleEndian(content[12..]);
        ulong next = BinaryPrimitives.ReadUInt64LittleEndian(content[16..]);
        return left is > 0 and <= Words && seeded == 1 && next <= Words;
    }
}
