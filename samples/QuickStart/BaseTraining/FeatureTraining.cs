using QuickStart.Models;
using QuickStart.Photographs;
using TorchSharp;
using VaPi;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace QuickStart.BaseTraining;

/// <summary>Trains the feature network to tell the photographs' crops apart.</summary>
internal static class FeatureTraining
{
    public const int Steps = 1200;

    private const int BatchSize = 48;

    public static FeatureNetwork Run(
        TileCrops training, TileCrops heldOut, int classes, Action<string> report, Action<int> advanced, CancellationToken cancellationToken)
    {
        FeatureNetwork network = FeatureNetwork.Create(classes, seed: 1);
        using var optimiser = optim.AdamW(network.NamedParameters.Select(named => named.Parameter), lr: 2e-3, weight_decay: 1e-3);
        var batches = new CropBatches(training, BatchSize, seed: 1);
        for (int step = 1; step <= Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            foreach (var group in optimiser.ParamGroups)
                group.LearningRate = 2e-3 * 0.5 * (1 + Math.Cos(Math.PI * step / Steps));
            using ImageBatch batch = batches.Next();

            // Colours and contrast vary, so that the features see shapes and textures, not one photograph's palette.
            Tensor scale = rand(BatchSize, 3, 1, 1) * 0.6 + 0.7;
            Tensor shift = rand(BatchSize, 3, 1, 1) * 0.4 - 0.2;
            Tensor loss = F.cross_entropy(network.Classify(batch.Images * scale + shift), ((ClassCondition)batch.Condition).Labels, label_smoothing: 0.1);
            optimiser.zero_grad();
            loss.backward();
            optimiser.step();
            advanced(1);
            if (step % 250 == 0)
                report($"features {step}/{Steps}: loss {loss.item<float>():F3}, held-out accuracy {Accuracy(network, heldOut):P1}");
        }

        return network;
    }

    private static double Accuracy(FeatureNetwork network, TileCrops heldOut)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using ImageBatch batch = new CropBatches(heldOut, 300, seed: 2).Next();
        return (network.Classify(batch.Images).argmax(1) == ((ClassCondition)batch.Condition).Labels).to(ScalarType.Float32).mean().item<float>();
    }
}
