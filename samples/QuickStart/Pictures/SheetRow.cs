using static TorchSharp.torch;

namespace QuickStart.Pictures;

/// <summary>A row of a <see cref="ClassSheet"/>.</summary>
/// <param name="Caption">What its images are.</param>
/// <param name="Images">(N, 3, H, W) in [-1, 1], as many for each class, class by class.</param>
internal sealed record SheetRow(string Caption, Tensor Images);
