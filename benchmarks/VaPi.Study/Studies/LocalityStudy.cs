using System.Globalization;
using QuickStart.Photographs;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Study.Studies;

/// <summary>
/// How far a token reaches: one token of an image is replaced by another, and the squared change of the decoded pixels is
/// summed by distance from the token's cell.
/// </summary>
internal sealed class LocalityStudy : IStudy
{
    private const int Images = 48;
    private const int TokensPerImage = 8;

    public void Run(StudyOptions options, CancellationToken cancellationToken)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using var world = new StudyWorld();
        int seed = options.Seeds[0];
        using ImageBatch batch = new CropBatches(world.EvaluationCrops, Images, seed).Next();
        Tensor tokens = world.Tokenizer.Encode(batch.Images); // (B, T)
        Tensor decoded = world.Tokenizer.Decode(tokens);
        TokenStage grid = world.Tokenizer.Layout.Stages[0];
        var random = new Random(seed);
        var byDistance = new double[Math.Max(grid.Height, grid.Width)];
        for (int draw = 0; draw < TokensPerImage; draw++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope inDraw = NewDisposeScope();
            int[] positions = [.. Enumerable.Range(0, Images).Select(_ => random.Next(grid.Count))];
            Tensor changed = tokens.clone();
            for (int image = 0; image < Images; image++)
                changed[image, positions[image]] = random.NextInt64(world.Tokenizer.CodebookSize);
            Tensor change = (world.Tokenizer.Decode(changed) - decoded).square().sum([1], keepdim: true); // (B, 1, H, W)
            float[] cells = F.adaptive_avg_pool2d(change, [grid.Height, grid.Width]).data<float>().ToArray();
            for (int index = 0; index < cells.Length; index++)
            {
                (int image, int cell) = (index / grid.Count, index % grid.Count);
                int distance = Math.Max(
                    Math.Abs(cell / grid.Width - positions[image] / grid.Width), Math.Abs(cell % grid.Width - positions[image] % grid.Width));
                byDistance[distance] += cells[index];
            }
        }

        double within = 0;
        for (int distance = 0; distance < byDistance.Length; distance++)
        {
            within += byDistance[distance];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"within {distance} cells: {within / byDistance.Sum():P1} of the squared change of the pixels"));
        }
    }
}
