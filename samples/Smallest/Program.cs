// The smallest possible run, with everything that it is made of: images of flat cells, a tokenizer whose tokens are grey values,
// and a policy that tells a cell from the one before it. From the repository's root, in a few seconds:
//   dotnet run -c Release --project samples/Smallest
using TorchSharp;
using TorchSharp.Modules;
using VaPi;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Data;
using VaPi.Rewards;
using static TorchSharp.torch;

using var tokenizer = new GreyCells();
using var policy = new CellByCell();

// 32 images: each begins with a grey value of its own and gets brighter from cell to cell.
using Tensor tokens = (arange(32).unsqueeze(1) + arange(GreyCells.Cells)).remainder(GreyCells.Greys); // (32, T)
using Tensor pictures = tokenizer.Decode(tokens); // (32, 3, 8, 8)
using TensorImageSource images = ImageSource.FromTensors(pictures, new NoCondition(32));
using Reward reward = Reward.MeanSquaredError();

using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
    .WithTokenizer(tokenizer)
    .WithPolicy(policy)
    .WithReward(reward)
    .WithImages(images)
    .Configure(o =>
    {
        o.Rollouts = 60;
        o.LearningRate = Schedule.Cosine(0.03, 0, 60);
        o.ContextNoise = 0.1;
    })
    .Build();

await foreach (AlignmentStep step in trainer.RunAsync())
{
    if (step.Index % 10 is 0 or 1)
        Console.WriteLine($"rollout {step.Index,2}: reward {step.Reward.Mean:F4}, prior {step.PriorLoss:F3}");
}

/// <summary>4x4 cells of 2x2 pixels, each of one of 8 grey values.</summary>
internal sealed class GreyCells : ITokenizer, IDisposable
{
    public const int Greys = 8;
    public const int Cells = 16;

    private readonly Tensor _values = linspace(-1, 1, Greys); // (V)

    public int CodebookSize => Greys;

    public TokenLayout Layout { get; } = TokenLayout.Grid(4, 4);

    public ImageSize ImageSize => 8;

    public Tensor Encode(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor cells = nn.functional.avg_pool2d(images.mean([1], keepdim: true), 2).flatten(1); // (B, T)
        return (cells.unsqueeze(-1) - _values).abs().argmin(-1).MoveToOuterDisposeScope(); // the nearest grey
    }

    public Tensor Decode(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor cells = _values[tokens].view(-1, 1, 4, 4).expand(-1, 3, -1, -1); // (N, 3, 4, 4)
        return cells.repeat_interleave(2, 2).repeat_interleave(2, 3).MoveToOuterDisposeScope();
    }

    public void Dispose() => _values.Dispose();
}

/// <summary>Logits from the token before and from the place.</summary>
internal sealed class CellByCell : IAutoregressivePolicy, IDisposable
{
    private readonly Parameter _before; // (V + 1, D): row V is for the first cell, which has none before it
    private readonly Parameter _place; // (T, D)
    private readonly Parameter _head; // (V, D)

    public CellByCell()
    {
        using var generator = new Generator(1);
        _before = Random(generator, GreyCells.Greys + 1);
        _place = Random(generator, GreyCells.Cells);
        _head = Random(generator, GreyCells.Greys);
    }

    private CellByCell(CellByCell other)
    {
        using IDisposable gradients = no_grad();
        (_before, _place, _head) = (new Parameter(other._before.clone()), new Parameter(other._place.clone()), new Parameter(other._head.clone()));
    }

    public int VocabularySize => GreyCells.Greys;

    public int TokenCount => GreyCells.Cells;

    public Device Device => CPU;

    public Tensor Features(Condition condition, Tensor context, PolicyMode mode)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor none = full([context.shape[0], 1], VocabularySize, ScalarType.Int64);
        Tensor before = cat([none, context.narrow(1, 0, TokenCount - 1)], 1); // (B, T): the policy does its own shifting
        return (_before[before] + _place).tanh().MoveToOuterDisposeScope(); // (B, T, D)
    }

    public Tensor Head(Tensor features) => nn.functional.linear(features, _head); // (B, t, V)

    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => [("before", _before), ("place", _place), ("head", _head)];

    public bool IsDecayed(string parameterName) => true;

    public IReferencePolicy CreateReference() => new FrozenPolicy(new CellByCell(this));

    public void Dispose()
    {
        foreach ((_, Parameter parameter) in NamedParameters())
            parameter.Dispose();
    }

    private static Parameter Random(Generator generator, int rows)
    {
        using Tensor drawn = randn([rows, 32], generator: generator);
        return new Parameter(drawn * 0.5);
    }
}
