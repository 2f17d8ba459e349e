using VaPi.Checkpoints.Files;

namespace VaPi.Checkpoints.Tensors;

/// <summary>A tensor's description together with where its data lies.</summary>
internal sealed record StoredTensor(TensorEntry Entry, ByteRange Bytes, TensorLayout Layout);
