using QuickStart.Models;
using TorchSharp;
using VaPi.Study.Shapes;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Study.BaseTraining;

/// <summary>Trains the feature network to say which shapes of which colours a scene has, and how many there are.</summary>
internal static class SceneFeatureTraining
{
    private const int BatchSize = 32;
    private const double LearningRate = 3e-3;
    private const int MostShapes = 4;

    private static readonly int KindCount = Enum.GetValues<ShapeKind>().Length;
    private static readonly int Pairs = Palette.All.Count * KindCount;

    public static FeatureNetwork Run(int steps, Action<string> report, CancellationToken cancellationToken)
    {
        manual_seed(1);
        FeatureNetwork network = FeatureNetwork.Create(Pairs + MostShapes, seed: 1);
        using var optimiser = optim.AdamW(network.NamedParameters.Select(named => named.Parameter), lr: LearningRate, weight_decay: 1e-3);
        var training = new Draws(new ShapeScenes(SceneRegion.Training), BatchSize, seed: 1);
        for (int step = 1; step <= steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            foreach (var group in optimiser.ParamGroups)
                group.LearningRate = LearningRate * (1 + Math.Cos(Math.PI * step / steps)) / 2;
            Tensor loss = Loss(network, training);
            optimiser.zero_grad();
            loss.backward();
            optimiser.step();
            if (step % 200 == 0 || step == steps)
                report($"features {step}/{steps}: loss {loss.item<float>():F4}");
        }

        return network;
    }

    private static Tensor Loss(FeatureNetwork network, Draws training)
    {
        IReadOnlyList<ImageDraw> draws = training.Next();
        using ImageBatch batch = training.Source.Read(draws);
        float[] answers = new float[draws.Count * (Pairs + MostShapes)];
        for (int image = 0; image < draws.Count; image++)
        {
            IReadOnlyList<PlacedShape> shapes = ((ShapeScenes)training.Source)[draws[image].Index].Shapes;
            int row = image * (Pairs + MostShapes);
            foreach (PlacedShape shape in shapes)
                answers[row + (int)shape.Colour * KindCount + (int)shape.Kind] = 1;
            answers[row + Pairs + shapes.Count - 1] = 1;
        }

        Tensor wanted = tensor(answers, [draws.Count, Pairs + MostShapes]);
        return F.binary_cross_entropy_with_logits(network.Classify(batch.Images), wanted);
    }
}
