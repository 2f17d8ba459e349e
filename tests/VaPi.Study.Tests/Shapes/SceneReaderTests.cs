using TorchSharp;
using VaPi.Study.Shapes;
using VaPi.Study.Shapes.Reading;
using VaPi.Study.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Study.Tests.Shapes;

public sealed class SceneReaderTests
{
    [Fact]
    public void Every_shape_of_thousands_of_drawn_scenes_is_read_where_it_is()
    {
        float[] planes = new float[SceneDrawing.Length];
        for (int seed = 0; seed < 6000; seed++)
        {
            Scene scene = SceneSampler.Sample(seed);
            SceneDrawing.Draw(scene, planes);

            IReadOnlyList<SeenShape> seen = SceneReader.Read(planes, Scene.Side, Scene.Side);

            Assert.Equal(scene.Shapes.Count, seen.Count);
            foreach (PlacedShape shape in scene.Shapes)
                Assert.Single(seen, read => read.Kind == shape.Kind && read.Colour == shape.Colour && Math.Abs(read.X - shape.X) < 1 && Math.Abs(read.Y - shape.Y) < 1);
            Assert.True(SceneVerifier.IsShown(scene.Prompt, seen), $"seed {seed}: {scene.Prompt.Caption}");
        }
    }

    [Fact]
    public void A_square_and_a_circle_of_any_drawn_size_and_place_are_told_apart_clearly()
    {
        double least = 1;
        for (double side = SceneSampler.SmallestSide; side <= SceneSampler.LargestSide; side += 0.25)
        {
            for (double shift = 0; shift < 1; shift += 0.25)
            {
                foreach (ShapeKind kind in Enum.GetValues<ShapeKind>())
                {
                    using Tensor picture = Pictures.Of(Pictures.Single(Pictures.Shape(kind, ShapeColour.Green, 30 + shift, 34 - shift / 2, side)));
                    SeenShape seen = Assert.Single(SceneReader.Read(picture));
                    Assert.Equal(kind, seen.Kind);
                    least = Math.Min(least, seen.Agreement);
                }
            }
        }

        Assert.True(least > 0.87, $"agreement {least}"); // a circle and a square have 0.83 in common
    }

    [Theory]
    [InlineData("uniform")]
    [InlineData("normal")]
    [InlineData("coarse")]
    [InlineData("smooth")]
    [InlineData("loud and smooth")]
    public void In_noise_nothing_is_read(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(1);
        for (int draw = 0; draw < 100; draw++)
        {
            using DisposeScope inDraw = NewDisposeScope();
            Tensor uniform = rand([3, 64, 64], generator: generator) * 2 - 1;
            Tensor picture = kind switch
            {
                "uniform" => uniform,
                "normal" => randn([3, 64, 64], generator: generator) * 0.5,
                "coarse" => (rand([3, 16, 16], generator: generator) * 2 - 1).repeat_interleave(4, 1).repeat_interleave(4, 2),
                "smooth" => Pictures.Blurred(uniform, 5),
                _ => Pictures.Blurred(uniform, 7) * 7,
            };
            Assert.Empty(SceneReader.Read(picture));
        }
    }

    [Fact]
    public void In_an_empty_picture_and_in_one_that_is_no_number_nothing_is_read()
    {
        using Tensor grey = full([3, 64, 64], 0.7f);
        using Tensor notANumber = full([3, 64, 64], float.NaN);
        using Tensor red = cat([full([1, 64, 64], 0.8f), full([2, 64, 64], -0.8f)]);
        Assert.Empty(SceneReader.Read(grey));
        Assert.Empty(SceneReader.Read(notANumber));
        Assert.Empty(SceneReader.Read(red)); // no shape: it fills the picture
    }

    [Fact]
    public void What_is_none_of_the_shapes_is_not_read()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor Painted(Action<Tensor> paint)
        {
            Tensor picture = full([3, 64, 64], 0.7f);
            paint(picture);
            return picture;
        }

        void Fill(Tensor picture, int top, int left, int height, int width, float red) // red, or the background where red is 0.7
        {
            Tensor place = picture.narrow(1, top, height).narrow(2, left, width);
            place[0].fill_(red);
            place.narrow(0, 1, 2).fill_(red > 0.7f ? -0.8f : red);
        }

        Assert.Single(SceneReader.Read(Painted(picture => Fill(picture, 20, 20, 16, 16, 0.8f)))); // so painted, a square is read
        Assert.Empty(SceneReader.Read(Painted(picture => Fill(picture, 20, 10, 9, 30, 0.8f)))); // a bar
        Assert.Empty(SceneReader.Read(Painted(picture => Fill(picture, 20, 20, 5, 5, 0.8f)))); // a speck
        Assert.Empty(SceneReader.Read(Painted(picture =>
        {
            Fill(picture, 20, 20, 18, 18, 0.8f);
            Fill(picture, 25, 25, 8, 8, 0.7f); // a frame
        })));
        Assert.Empty(SceneReader.Read(Painted(picture =>
        {
            Fill(picture, 20, 20, 18, 9, 0.8f);
            Fill(picture, 29, 20, 9, 18, 0.8f); // a corner
        })));
    }

    [Theory]
    [InlineData(3, 0.0, 0.99)]
    [InlineData(1, 0.1, 0.99)]
    [InlineData(3, 0.1, 0.99)]
    [InlineData(5, 0.0, 0.85)]
    public void Spoilt_scenes_are_mostly_read_and_hardly_ever_wrongly(int blur, double noise, double leastShare)
    {
        using var generator = new Generator(2);
        int right = 0;
        int wrong = 0;
        int all = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            using DisposeScope scope = NewDisposeScope();
            Scene scene = SceneSampler.Sample(seed);
            Tensor spoilt = Pictures.Blurred(Pictures.Of(scene), blur) + randn([3, 64, 64], generator: generator) * noise;
            foreach (SeenShape read in SceneReader.Read(spoilt))
            {
                bool isThere = scene.Shapes.Any(shape => shape.Kind == read.Kind && shape.Colour == read.Colour && Math.Abs(read.X - shape.X) < 1 && Math.Abs(read.Y - shape.Y) < 1);
                (right, wrong) = isThere ? (right + 1, wrong) : (right, wrong + 1);
            }

            all += scene.Shapes.Count;
        }

        Assert.True(right >= leastShare * all, $"{right} of {all} read");
        Assert.True(wrong <= 0.005 * all, $"{wrong} of {all} wrong");
    }
}
