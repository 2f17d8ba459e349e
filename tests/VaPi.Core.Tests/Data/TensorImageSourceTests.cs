using VaPi.Data;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Data;

public class TensorImageSourceTests
{
    [Fact]
    public void Reads_copies_of_what_it_was_given()
    {
        Tensor images = linspace(-1, 1, 3 * 3 * 2 * 4).reshape(3, 3, 2, 4);
        var condition = new ClassCondition([7, 8, 9]);
        using TensorImageSource source = ImageSource.FromTensors(images, condition);
        using Tensor expected = images.clone();
        images.zero_();
        images.Dispose();
        condition.Dispose();

        Assert.Equal((3, new ImageSize(2, 4)), (source.Count, source.ImageSize));
        using ImageBatch batch = source.Read([new(2, 0), new(0, 1), new(2, 2)]);
        using Tensor rows = tensor(new long[] { 2, 0, 2 });
        using Tensor expectedRows = expected.index_select(0, rows);
        Assert.Equal(expectedRows.data<float>().ToArray(), batch.Images.data<float>().ToArray());
        Assert.Equal([9L, 7, 9], Assert.IsType<ClassCondition>(batch.Condition).Labels.data<long>().ToArray());
    }

    [Fact]
    public void A_source_outlives_the_scope_it_was_made_in()
    {
        TensorImageSource source;
        ImageBatch batch;
        using (var scope = NewDisposeScope())
        {
            source = ImageSource.FromTensors(zeros(2, 3, 4, 4), new ClassCondition([1, 2]));
            batch = source.Read([new(1, 0)]);
        }

        Assert.Equal(2, Assert.IsType<ClassCondition>(batch.Condition).Labels[0].item<long>());
        batch.Dispose();
        source.Read([new(0, 0)]).Dispose();
        source.Dispose();
        source.Dispose();
        Assert.Throws<ObjectDisposedException>(() => source.Read([new(0, 0)]));
    }

    [Fact]
    public void Refuses_what_is_not_a_batch_of_images()
    {
        using var scope = NewDisposeScope();
        using var two = new NoCondition(2);
        Assert.Contains("(3, 4, 4)", Assert.Throws<ArgumentException>(() => ImageSource.FromTensors(zeros(3, 4, 4), two)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ImageSource.FromTensors(zeros(0, 3, 4, 4), new NoCondition(0)));
        Assert.Contains("2 conditions", Assert.Throws<ArgumentException>(() => ImageSource.FromTensors(zeros(3, 3, 4, 4), two)).Message, StringComparison.Ordinal);
        Assert.Contains("Byte", Assert.Throws<ArgumentException>(() => ImageSource.FromTensors(zeros(2, 3, 4, 4, dtype: ScalarType.Byte), two)).Message, StringComparison.Ordinal);
        Assert.Contains("255", Assert.Throws<ArgumentException>(() => ImageSource.FromTensors(full(2, 3, 4, 4, 255f), two)).Message, StringComparison.Ordinal);
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => ImageSource.FromTensors(full(2, 3, 4, 4, float.NaN), two)).Message, StringComparison.Ordinal);
        using TensorImageSource source = ImageSource.FromTensors(zeros(2, 3, 4, 4), two);
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Read([new(2, 0)]));
    }
}
