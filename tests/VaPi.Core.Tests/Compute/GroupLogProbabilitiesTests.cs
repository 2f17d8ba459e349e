using VaPi.Compute;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Compute;

public class GroupLogProbabilitiesTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(0.6, false)]
    [InlineData(1, true)]
    [InlineData(1.9, true)]
    public void Agree_with_log_softmax_and_gather(double temperature, bool restricted)
    {
        using var group = new GroupCase(new GroupSettings(temperature, Restricted: restricted), 8);
        (Tensor plainSampled, Tensor plainTruth) = group.PlainLogProbabilities(GroupCase.Repeat(group.Features));

        (Tensor sampled, Tensor? truth) = GroupLogProbabilities.Evaluate(
            group.Head, group.Features, group.Samples, group.Truth, temperature, group.Support, chunkLength: 4);

        Expect.Close(plainSampled.view(sampled.shape), sampled, 1e-12);
        Expect.Close(plainTruth.view(GroupCase.Images, GroupCase.GroupSize, -1).select(1, 0), truth!, 1e-12);
        Assert.False(sampled.requires_grad);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(int.MaxValue)]
    public void Do_not_depend_on_the_chunk_length(int chunkLength)
    {
        using var group = new GroupCase(new GroupSettings(Temperature: 0.9, Restricted: true), 9);
        (Tensor Sampled, Tensor? Truth) Evaluate(int length) => GroupLogProbabilities.Evaluate(
            group.Head, group.Features, group.Samples, group.Truth, 0.9, group.Support, length);
        (Tensor sampled, Tensor? truth) = Evaluate(GroupCase.Positions);

        (Tensor chunkedSampled, Tensor? chunkedTruth) = Evaluate(chunkLength);

        Expect.Close(sampled, chunkedSampled, 1e-14);
        Expect.Close(truth!, chunkedTruth!, 1e-14);
    }

    [Fact]
    public void Of_the_truth_are_left_out_when_not_wanted()
    {
        using var group = new GroupCase(new GroupSettings(), 10);

        (_, Tensor? truth) = GroupLogProbabilities.Evaluate(group.Head, group.Features, group.Samples, truth: null, 1, support: null, 4);

        Assert.Null(truth);
    }

    [Theory]
    [InlineData(16, 16384, 16)]
    [InlineData(1, 1, 4 << 20)]
    [InlineData(1000, 1_000_000, 1)]
    public void Chunks_by_default_hold_four_million_logits_but_at_least_one_position(long images, long vocabulary, int length) =>
        Assert.Equal(length, PositionChunks.DefaultLength(images, vocabulary));

    [Fact]
    public void Chunks_cover_every_position_once() =>
        Assert.Equal([(0L, 4L), (4L, 4L), (8L, 1L)], PositionChunks.Of(9, 4));
}
