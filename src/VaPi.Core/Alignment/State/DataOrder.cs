using VaPi.Compute;

namespace VaPi.Alignment.State;

/// <summary>
/// The order in which images are drawn: each epoch a new permutation, decided by seed and epoch alone. Its whole state is the
/// epoch and the position in it.
/// </summary>
internal sealed class DataOrder(int imageCount, long seed)
{
    private readonly ulong _seed = unchecked((ulong)seed);
    private int[]? _permutation;
    private long _permutedEpoch = -1;

    public long Epoch { get; set; }

    public long Position { get; set; }

    /// <summary>The next draws; a batch may run over into the next epoch.</summary>
    public IReadOnlyList<ImageDraw> Next(int count)
    {
        var draws = new ImageDraw[count];
        for (int index = 0; index < count; index++)
        {
            if (Position >= imageCount)
            {
                Epoch++;
                Position = 0;
            }

            ulong variation = CounterRandom.Hash(CounterRandom.Hash(_seed, (ulong)Epoch), (ulong)Position);
            draws[index] = new ImageDraw(Permutation()[Position], variation);
            Position++;
        }

        return draws;
    }

    private int[] Permutation()
    {
        if (_permutation is not null && _permutedEpoch == Epoch)
            return _permutation;
        _permutation ??= new int[imageCount];
        for (int index = 0; index < imageCount; index++)
            _permutation[index] = index;

        // Fisher-Yates with hashed numbers; the last bits of bias are beyond what any data set's size can show.
        ulong shuffle = CounterRandom.Hash(~_seed, (ulong)Epoch);
        for (int index = imageCount - 1; index > 0; index--)
        {
            int other = (int)(CounterRandom.Hash(shuffle, (ulong)index) % (ulong)(index + 1));
            (_permutation[index], _permutation[other]) = (_permutation[other], _permutation[index]);
        }

        _permutedEpoch = Epoch;
        return _permutation;
    }
}
