using TorchSharp;
using VaPi.Compute;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Compute;

public class LogitFilterTests
{
    // Probabilities 0.4, 0.3, 0.2, 0.1, not in order.
    private static readonly float[] Mixed = [MathF.Log(0.2f), MathF.Log(0.4f), MathF.Log(0.1f), MathF.Log(0.3f)];

    [Theory]
    [InlineData(0, 1.0)]
    [InlineData(4, 1.0)]
    [InlineData(9, 2.0)]
    public void Is_nothing_when_it_would_keep_everything(int topK, double topP) => Assert.Null(LogitFilter.Support(tensor(Mixed), topK, topP));

    [Theory]
    [InlineData(1, 1.0, "1")]
    [InlineData(3, 1.0, "0 1 3")]
    [InlineData(0, 0.39, "1")]
    [InlineData(0, 0.5, "1 3")]
    [InlineData(0, 0.75, "0 1 3")]
    [InlineData(0, 0.95, "0 1 2 3")]
    [InlineData(0, 1e-9, "1")]
    [InlineData(2, 0.99, "1 3")]
    [InlineData(3, 0.5, "1 3")] // of the three that are left 4/9 is below 0.5, 7/9 above
    [InlineData(2, 0.5, "1")] // of the two that are left the first alone holds 4/7
    public void Keeps_the_likeliest(int topK, double topP, string kept)
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.Equal(kept, Kept(Mixed, topK, topP));
    }

    [Fact]
    public void Ties_with_the_kth_largest_stay()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.Equal("0 2 3", Kept([2, 1, 2, 3, 0], topK: 2, topP: 1));
    }

    [Fact]
    public void A_token_is_dropped_only_when_those_before_it_hold_more_than_p()
    {
        using DisposeScope scope = NewDisposeScope();

        // Four equal probabilities are exact in binary: after two of them the sum is 0.5, which is not more than 0.5.
        Assert.Equal(3, Kept([1, 1, 1, 1], topK: 0, topP: 0.5).Split(' ').Length);
    }

    [Fact]
    public void Each_row_is_filtered_by_itself()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = stack([tensor(Mixed), tensor(Mixed).flip(0)]).unsqueeze(0);

        Tensor support = LogitFilter.Support(rows, 2, 1)!;

        Assert.Equal([false, true, false, true, true, false, true, false], support.data<bool>().ToArray());
    }

    private static string Kept(float[] logits, int topK, double topP)
    {
        bool[] support = LogitFilter.Support(tensor(logits), topK, topP)!.data<bool>().ToArray();
        return string.Join(' ', Enumerable.Range(0, support.Length).Where(token => support[token]));
    }
}
