using Microsoft.Extensions.Options;
using VaPi.Alignment;

namespace VaPi.Extensions.DependencyInjection;

/// <summary>
/// Makes trainers from what is registered. A container has one and gives it to whoever asks. Trainers share the registered parts: a second
/// run goes on with the policy that the first has aligned, unless it is given another.
/// </summary>
public interface IAlignmentTrainerFactory
{
    /// <summary>A trainer of the registered parts and options.</summary>
    /// <param name="run">A name that <see cref="VaPiBuilder.AddRun(string, Action{AlignmentOptions})"/> was given; null for the options without a name.</param>
    /// <returns>Belongs to the caller, who disposes it before the container.</returns>
    /// <exception cref="InvalidOperationException">
    /// A part is not registered, or parts do not fit together; the message names them all. Or there is no such run.
    /// </exception>
    /// <exception cref="OptionsValidationException">Options are out of range; every one is named with its value and range.</exception>
    AlignmentTrainer Create(string? run = null);

    /// <summary>
    /// As <see cref="Create"/>, but not yet built, to change something for this trainer alone; a part that is not registered has to be
    /// set.
    /// </summary>
    /// <param name="run">As in <see cref="Create"/>.</param>
    AlignmentTrainerBuilder CreateBuilder(string? run = null);
}
