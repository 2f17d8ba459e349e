using VaPi.Alignment;
using Xunit;

namespace VaPi.Tests.Alignment;

public class MinibatchesTests
{
    [Theory]
    [InlineData(null, null, null, "0+32")]
    [InlineData(2, null, null, "0+16 16+16")]
    [InlineData(3, null, null, "0+24 24+8")]
    [InlineData(1, null, 2, "0+8 8+8 | 16+8 24+8")]
    [InlineData(1, null, 3, "0+8 8+8 16+8")]
    [InlineData(null, 12, 1, "0+12 | 12+12 | 24+8")]
    [InlineData(null, 5, 3, "0+5 5+5 10+5 | 15+5 20+5 25+5")]
    public void Cut_the_samples_in_image_major_order(int? images, int? samples, int? perUpdate, string expected)
    {
        var options = new AlignmentOptions
        {
            ImagesPerRollout = 4,
            GroupSize = 8,
            ImagesPerMinibatch = images,
            SamplesPerMinibatch = samples,
            MinibatchesPerUpdate = perUpdate,
        };

        IEnumerable<string> updates = Minibatches.Updates(options)
            .Select(update => string.Join(' ', update.Select(minibatch => $"{minibatch.FirstSample}+{minibatch.SampleCount}")));

        Assert.Equal(expected, string.Join(" | ", updates));
    }
}
