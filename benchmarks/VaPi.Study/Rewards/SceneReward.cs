using VaPi.Rewards;
using VaPi.Study.Shapes;
using VaPi.Study.Shapes.Reading;
using static TorchSharp.torch;

namespace VaPi.Study.Rewards;

/// <summary>1 for a sample that shows what its caption asks for, and 0 for any other: the exact verifier, which needs no original.</summary>
internal sealed class SceneReward : Reward
{
    public override string Name => "scene";

    public override RewardInputs Inputs => RewardInputs.Condition;

    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => new Scorer(CaptionTable.Prompts((CaptionCondition)condition));

    private sealed class Scorer(IReadOnlyList<Prompt> prompts) : IRewardScorer
    {
        public RewardBatch Score(RewardChunk chunk)
        {
            float[] shown = new float[chunk.SampleCount];
            for (int index = 0; index < shown.Length; index++)
            {
                using Tensor sample = chunk.Samples[index];
                shown[index] = SceneVerifier.IsShown(prompts[chunk.FirstImage + index / chunk.SamplesPerImage], SceneReader.Read(sample)) ? 1 : 0;
            }

            return new RewardBatch(tensor(shown)); // (N)
        }

        public void Dispose()
        {
        }
    }
}
