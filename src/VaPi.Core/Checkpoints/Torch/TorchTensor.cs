using VaPi.Checkpoints.Tensors;

namespace VaPi.Checkpoints.Torch;

/// <summary>A tensor as the pickle describes it: a view of a storage.</summary>
internal sealed record TorchTensor(TorchStorage Storage, TensorLayout Layout);
