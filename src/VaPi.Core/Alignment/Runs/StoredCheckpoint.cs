namespace VaPi.Alignment.Runs;

/// <summary>A checkpoint's folder, with the manifest read.</summary>
internal sealed record StoredCheckpoint(string Path, CheckpointManifest Manifest);
