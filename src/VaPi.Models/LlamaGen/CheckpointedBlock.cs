using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen;

/// <summary>
/// A block that keeps nothing but its input for the backward pass, which computes the block again and goes back through it at
/// once. The parameters get their gradients from there, as they do without it.
/// </summary>
internal sealed class CheckpointedBlock : autograd.SingleTensorFunction<CheckpointedBlock>
{
    private const string BlockKey = "block";

    /// <param name="hidden">(B, S, D).</param>
    /// <param name="mask">As the block's; null for none.</param>
    /// <returns>(B, S, D).</returns>
    public delegate Tensor Computation(Tensor hidden, Tensor? mask);

    /// <inheritdoc/>
    public override string Name => nameof(CheckpointedBlock);

    /// <summary>Computes the block.</summary>
    /// <param name="compute">The block, which may be called on another thread.</param>
    /// <param name="hidden">(B, S, D), with a graph.</param>
    /// <param name="mask">As the block's; null for none.</param>
    /// <param name="drawsDropout">Whether the block draws random numbers, which must be the same the second time.</param>
    /// <param name="pass">Of all blocks of one forward pass.</param>
    /// <returns>(B, S, D), with a graph.</returns>
    public static Tensor Of(Computation compute, Tensor hidden, Tensor? mask, bool drawsDropout, BackwardPass pass)
    {
        DropoutReplay? dropout = drawsDropout ? DropoutReplay.FromHere(hidden.device) : null;
        return apply(hidden, new Block(compute, mask, dropout, pass));
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var hidden = (Tensor)vars[0];
        var block = (Block)vars[1];
        ctx.save_for_backward(block.Mask is null ? [hidden] : [hidden, block.Mask]);
        ctx.save_data(BlockKey, block with { Mask = null });
        using IDisposable gradients = no_grad();
        return block.Compute(hidden, block.Mask);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using IDisposable gradients = enable_grad();
        using DisposeScope scope = NewDisposeScope();
        var block = (Block)ctx.get_data(BlockKey);
        try
        {
            return [block.Pass.Hand(ComputeAgain(ctx, block, grad_output)), null!];
        }
        catch (Exception error)
        {
            // It would end the process at libtorch's frames. A gradient of another shape than the input's ends the backward pass.
            block.Pass.Fail(error);
            return [block.Pass.Hand(empty([0], grad_output.dtype, grad_output.device)), null!];
        }
        finally
        {
            grad_output.Dispose();
        }
    }

    /// <returns>(B, S, D): the gradient at the block's input.</returns>
    private static Tensor ComputeAgain(autograd.AutogradContext ctx, Block block, Tensor gradient)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        Tensor hidden = saved[0].detach().requires_grad_(); // (B, S, D)
        Tensor? mask = saved.Count > 1 ? saved[1] : null;
        using (block.Dropout?.Again())
            block.Compute(hidden, mask).backward([gradient]);
        return hidden.grad!;
    }

    /// <summary>What the blocks of one forward pass share on the way back.</summary>
    /// <param name="failed">Told why a block could not be gone back through, on whichever thread libtorch goes back.</param>
    internal sealed class BackwardPass(Action<Exception> failed)
    {
        private Tensor? _handed;

        /// <summary>Tells what went wrong.</summary>
        public void Fail(Exception error) => failed(error);

        /// <summary>
        /// Prepares a gradient to be given to autograd, which takes what it needs of it before the next block is gone through: the
        /// handles of all blocks would otherwise keep the gradients of all blocks.
        /// </summary>
        /// <param name="gradient">(B, S, D).</param>
        public Tensor Hand(Tensor gradient)
        {
            _handed?.Dispose();
            return _handed = gradient.MoveToOuterDisposeScope();
        }
    }

    private sealed record Block(Computation Compute, Tensor? Mask, DropoutReplay? Dropout, BackwardPass Pass);
}
