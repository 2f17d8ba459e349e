using System.Runtime.InteropServices;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

public class BackwardErrorTests
{
    [Fact]
    public void An_error_that_libtorch_cannot_tell_is_thrown_in_place_of_its_own()
    {
        using var world = new ToyWorld();
        var cause = new InvalidDataException("There is no room for a block.");
        using AlignmentTrainer trainer = world.Builder().WithPolicy(new Failing(world.Policy, cause)).Build();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => trainer.Step());

        Assert.Same(cause, error.InnerException);
        Assert.Contains(cause.Message, error.Message, StringComparison.Ordinal);
        Assert.All(world.Policy.NamedParameters(), named => Assert.Null(named.Parameter.grad));
    }

    [Fact]
    public void Other_errors_are_libtorchs()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().WithPolicy(new Failing(world.Policy, cause: null)).Build();

        Assert.Throws<ExternalException>(() => trainer.Step());
    }

    /// <summary>Gives a gradient of another shape than autograd needs.</summary>
    private sealed class WrongGradient : autograd.SingleTensorFunction<WrongGradient>
    {
        public override string Name => nameof(WrongGradient);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            using IDisposable gradients = no_grad();
            return ((Tensor)vars[0]).clone();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [empty([0], grad_output.dtype)];
    }

    private sealed class Failing(ToyPolicy policy, Exception? cause) : IAutoregressivePolicy
    {
        public int VocabularySize => policy.VocabularySize;

        public int TokenCount => policy.TokenCount;

        public Device Device => policy.Device;

        public Exception? BackwardError => cause;

        public Tensor Features(Condition condition, Tensor context, PolicyMode mode)
        {
            using Tensor features = policy.Features(condition, context, mode);
            return WrongGradient.apply(features);
        }

        public Tensor Head(Tensor features) => policy.Head(features);

        public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => policy.NamedParameters();

        public bool IsDecayed(string parameterName) => policy.IsDecayed(parameterName);

        public IReferencePolicy CreateReference() => policy.CreateReference();
    }
}
