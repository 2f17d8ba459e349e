using VaPi.Alignment;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen.Costs;

public class MemoryEstimateTests
{
    private static readonly LlamaGenConfiguration PolicyOfB = LlamaGenConfiguration.Of(LlamaGenSize.B, gridSize: 16);
    private static readonly LlamaGenTokenizerConfiguration TokenizerOf16 = LlamaGenTokenizerConfiguration.Vq16(256);

    [Fact]
    public void The_largest_phase_counts_and_others_do_not()
    {
        var estimate = new MemoryEstimate([new("a", "", 100), new("b", "", 20)], [new("c", "", 3), new("d", "", 7)]);

        Assert.Equal(MemoryEstimate.ProgramBytes + 127, estimate.PeakBytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_are_as_large_as_those_of_the_models(bool captions)
    {
        LlamaGenConfiguration shape = captions ? Toys.PolicyShape.WithCaptions(places: 7, width: 12) : Toys.PolicyShape;
        LlamaGenTokenizerConfiguration tokenizerShape = Toys.TokenizerShape with { ImageSize = 8 };
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(shape);
        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Create(tokenizerShape);
        long parameters = policy.NamedParameters().Sum(named => named.Parameter.numel() * named.Parameter.element_size());
        long ofTokenizer = tokenizer.NamedParameters().Sum(named => named.Parameter.numel() * named.Parameter.element_size());
        long buffers = captions ? 7 * 12 * 4 : 0;

        MemoryEstimate estimate = RolloutCost.Of(shape, tokenizerShape, new() { KlWeight = 0.01 }, RewardNetwork.Lpips).Memory;

        Assert.Equal(parameters + buffers, Held(estimate, "policy's weights"));
        Assert.Equal(2 * parameters, Held(estimate, "AdamW's moments"));
        Assert.Equal(parameters + buffers, Held(estimate, "starting policy, for the KL term"));
        Assert.Equal(ofTokenizer, Held(estimate, "tokenizer's weights"));
        Assert.Equal(4 * 14_714_688, Held(estimate, "VGG-16's weights, for LPIPS"));
    }

    [Fact]
    public void Filters_gradients_and_kept_forwards_are_counted()
    {
        MemoryEstimate Of(Action<AlignmentOptions>? configure = null)
        {
            var options = new AlignmentOptions { ImagesPerRollout = 2, Mode = AlignmentMode.Evaluation, ImagesPerMinibatch = 1 };
            configure?.Invoke(options);
            return RolloutCost.Of(PolicyOfB, TokenizerOf16, options).Memory;
        }

        long activations = PolicyMemory.Training(PolicyOfB, 2, drops: false, NumberBytes.AllSingle);
        MemoryEstimate kept = Of(options => options.ImagesPerMinibatch = 2);

        Assert.Equal(2L * 2 * 256 * 16384, Of(options => options.TopK = 100).PeakBytes - Of().PeakBytes);
        Assert.Equal(activations, Held(kept, "activations"));
        Assert.Equal(activations, kept.PeakBytes - Of().PeakBytes); // the peak is in decoding
        Assert.Equal(4 * PolicyOfB.ParameterCount + PolicyMemory.LogitsChunk(PolicyOfB, 2, positions: null, NumberBytes.AllSingle), Phase(kept, "training"));
        Assert.Equal(4 * PolicyOfB.ParameterCount + 4 * 16384 * 768, Phase(kept, "updating")); // the head's weights are the largest
        Assert.Equal(activations / 2, Phase(Of(), "training") - 4 * PolicyOfB.ParameterCount - PolicyMemory.LogitsChunk(PolicyOfB, 1, positions: null, NumberBytes.AllSingle));
    }

    [Fact]
    public void A_policy_of_16_bits_has_float32_weights_beside_it()
    {
        MemoryEstimate Of(int? imagesPerMinibatch) => RolloutCost.Of(
            PolicyOfB, TokenizerOf16, new() { KlWeight = 0.01, ImagesPerMinibatch = imagesPerMinibatch }, type: ScalarType.BFloat16).Memory;
        (MemoryEstimate one, MemoryEstimate several) = (Of(null), Of(1));
        long parameters = PolicyOfB.ParameterCount;

        Assert.Equal(2 * parameters, Held(one, "policy's weights"));
        Assert.Equal(2 * parameters, Held(one, "starting policy, for the KL term"));
        Assert.Equal(4 * parameters, Held(one, "weights in float32, for AdamW"));
        Assert.Equal(8 * parameters, Held(one, "AdamW's moments"));
        Assert.DoesNotContain(one.Held, item => item.Name == "gradients of minibatches, summed");
        Assert.Equal(4 * parameters, Held(several, "gradients of minibatches, summed"));

        // The gradient of 2 bytes becomes float32 for the largest parameter; a sum is float32 already, and held.
        Assert.Equal(2 * parameters + 2 * 4 * 16384 * 768, Phase(one, "updating"));
        Assert.Equal(4 * 16384 * 768, Phase(several, "updating"));
    }

    // GPT-B: D 768, F 2048, H 12; per position a block keeps 10 D + 4 F of 2 bytes and 2 D + H of 4.
    [Fact]
    public void Activations_of_16_bits_are_those_of_the_norms_besides()
    {
        const long Block = 2 * (10 * 768 + 4 * 2048) + 4 * (2 * 768 + 12);
        const long Ends = (4 * 2 + 4) * 768;

        Assert.Equal(3 * 256 * (12 * Block + Ends), PolicyMemory.Training(PolicyOfB, 3, drops: false, NumberBytes.Of(ScalarType.BFloat16)));
        Assert.Equal(3 * 256 * (12 * 768 * 2 + Ends), PolicyMemory.Checkpointed(PolicyOfB, 3, NumberBytes.Of(ScalarType.BFloat16)));
    }

    [Fact]
    public void Checkpointed_blocks_keep_their_inputs_and_one_is_at_work()
    {
        MemoryEstimate Of(AlignmentMode mode, bool checkpointed) => RolloutCost.Of(
            PolicyOfB, TokenizerOf16, new() { ImagesPerRollout = 2, Mode = mode }, checkpointActivations: checkpointed).Memory;
        long kept = PolicyMemory.Training(PolicyOfB, 2, drops: true, NumberBytes.AllSingle);
        long inputs = PolicyMemory.Checkpointed(PolicyOfB, 2, NumberBytes.AllSingle);
        long block = PolicyMemory.BlockAtWork(PolicyOfB, 2, NumberBytes.AllSingle);

        Assert.Equal(inputs + block - kept, Phase(Of(AlignmentMode.Training, true), "training") - Phase(Of(AlignmentMode.Training, false), "training"));
        Assert.Equal(inputs, Phase(Of(AlignmentMode.Twice, true), "training") - Phase(Of(AlignmentMode.Training, true), "training"));
        Assert.Equal(inputs, Held(Of(AlignmentMode.Evaluation, true), "blocks' inputs"));
        Assert.Equal(block, Phase(Of(AlignmentMode.Evaluation, true), "training") - Phase(Of(AlignmentMode.Evaluation, false), "training"));
    }

    [Theory]
    [InlineData(5, 3, 3)]
    [InlineData(2, 8, 2)]
    public void As_many_images_are_encoded_at_a_time_as_samples_decoded(int images, int samplesPerDecode, int atATime) => Assert.Equal(
        atATime * TokenizerMemory.Encode(TokenizerOf16),
        Phase(RolloutCost.Of(PolicyOfB, TokenizerOf16, new() { ImagesPerRollout = images, SamplesPerDecode = samplesPerDecode }).Memory, "encoding the images"));

    [Fact]
    public void Two_forward_passes_wait_in_mode_twice()
    {
        long Training(AlignmentMode mode) =>
            Phase(RolloutCost.Of(PolicyOfB, TokenizerOf16, new() { Mode = mode, TopK = 5 }).Memory, "training") - 4 * PolicyOfB.ParameterCount - PolicyMemory.LogitsChunk(PolicyOfB, 16, positions: null, NumberBytes.AllSingle);

        Assert.Equal(Training(AlignmentMode.Training) + Training(AlignmentMode.Evaluation), Training(AlignmentMode.Twice));
    }

    [Theory]
    [InlineData(null, 4 << 20)] // near 16 MB of float32, four tensors of it
    [InlineData(3, 3 * 2 * 16384)]
    [InlineData(100_000, 256 * 2 * 16384)]
    public void Logits_are_those_of_a_chunk_of_positions(int? positions, long logits) =>
        Assert.Equal(4 * 4 * logits, PolicyMemory.LogitsChunk(PolicyOfB, images: 2, positions, NumberBytes.AllSingle));

    [Fact]
    public void Training_takes_no_more_memory_for_larger_groups()
    {
        MemoryEstimate Of(int groupSize) => RolloutCost.Of(PolicyOfB, TokenizerOf16, new() { GroupSize = groupSize, SamplesPerDecode = 8 }, RewardNetwork.Lpips).Memory;

        Assert.Equal(Of(8).Phases, Of(256).Phases);
        Assert.Equal(Of(8).Held, Of(256).Held);
    }

    [Fact]
    public void Generating_and_reconstructing_take_their_weights_and_the_larger_phase()
    {
        MemoryEstimate generating = GenerationMemory.Of(PolicyOfB, TokenizerOf16, images: 3, guided: true);
        long cache = 2L * 12 * 6 * 256 * 768 * 4; // keys and values, layers, rows, positions, width

        Assert.Equal([4 * PolicyOfB.ParameterCount, 4 * TokenizerOf16.ParameterCount], generating.Held.Select(item => item.Bytes));
        Assert.Equal([cache + 8L * 6 * 16384 * 4, TokenizerMemory.Decode(TokenizerOf16)], generating.Phases.Select(item => item.Bytes));
        MemoryEstimate rounded = GenerationMemory.Of(PolicyOfB, TokenizerOf16, images: 3, guided: true, ScalarType.BFloat16);
        Assert.Equal([2 * PolicyOfB.ParameterCount, 4 * TokenizerOf16.ParameterCount], rounded.Held.Select(item => item.Bytes));
        Assert.Equal(cache / 2 + 8L * 6 * 16384 * 4, rounded.Phases[0].Bytes); // logits are float32
        Assert.Equal(
            [3 * TokenizerMemory.Encode(TokenizerOf16), 3 * TokenizerMemory.Decode(TokenizerOf16)],
            ReconstructionMemory.Of(TokenizerOf16, images: 3).Phases.Select(item => item.Bytes));
    }

    private static long Held(MemoryEstimate estimate, string name) => estimate.Held.Single(item => item.Name == name).Bytes;

    private static long Phase(MemoryEstimate estimate, string name) => estimate.Phases.Single(item => item.Name == name).Bytes;
}
