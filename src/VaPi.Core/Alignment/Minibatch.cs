namespace VaPi.Alignment;

/// <summary>Consecutive samples of a rollout, in image-major order.</summary>
/// <param name="FirstSample">The index of the first.</param>
/// <param name="SampleCount">How many.</param>
internal readonly record struct Minibatch(int FirstSample, int SampleCount);
