using System.Text.Json;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Tensors;

namespace VaPi.Checkpoints.Safetensors;

/// <summary>Parses an index file (<c>*.safetensors.index.json</c>): which of the files beside it holds which tensor.</summary>
internal static class SafetensorsShards
{
    public static CheckpointReader Read(CheckpointFile file)
    {
        var index = new CheckpointIndex(file);
        var budget = new AllocationBudget(file);
        var homes = ReadIndex(file, index.Metadata, budget);
        var shards = new Dictionary<string, (CheckpointFile File, CheckpointIndex Index)>(StringComparer.Ordinal);
        try
        {
            foreach (var (name, shardName) in homes)
            {
                if (!shards.TryGetValue(shardName, out var shard))
                    shards[shardName] = shard = OpenShard(file, shardName, shards.Count);

                index.Add(shard.Index.Find(name) ?? throw file.Refuse(
                    $"it says that {CheckpointFile.Quote(shardName)} holds {CheckpointFile.Quote(name)}, and that file does not",
                    "an index that agrees with its files",
                    "Fetch the index and all of its files from the same place"));
            }

            return new IndexedReader(file, index, [.. shards.Values.Select(shard => shard.File)]);
        }
        catch
        {
            foreach (var shard in shards.Values)
                shard.File.Dispose();

            throw;
        }
    }

    private static List<(string Name, string Shard)> ReadIndex(
        CheckpointFile file, Dictionary<string, string> metadata, AllocationBudget budget)
    {
        if (file.Length > CheckpointLimits.JsonBytes)
            throw file.Refuse($"it looks like an index, and is {file.Length} bytes long", $"at most {CheckpointLimits.JsonBytes >> 20} MB of index");

        var text = new byte[file.Length];
        file.ReadExactly(0, text);
        var json = new JsonCursor(file, budget, text);
        var homes = new List<(string, string)>();
        var shardNames = new Dictionary<string, string>(StringComparer.Ordinal);
        bool mapped = false;
        json.Expect(JsonTokenType.StartObject);
        while (json.NextProperty(out string key))
        {
            if (key == "weight_map" && !mapped)
            {
                mapped = true;
                ReadMap(file, ref json, homes, shardNames, budget);
            }
            else if (key == "metadata" && metadata.Count == 0)
            {
                ReadMetadata(file, ref json, metadata, budget);
            }
            else
            {
                json.SkipValue();
            }
        }

        json.End();
        return mapped ? homes : throw file.Refuse(
            "it is a JSON text without a 'weight_map'", "a safetensors index: {\"metadata\": …, \"weight_map\": {tensor: file}}",
            "Name the index file, or the safetensors file itself");
    }

    private static void ReadMap(
        CheckpointFile file, ref JsonCursor json, List<(string, string)> homes, Dictionary<string, string> shardNames, AllocationBudget budget)
    {
        json.Expect(JsonTokenType.StartObject);
        while (json.NextProperty(out string name))
        {
            budget.Charge(64);
            string shard = json.NextString();

            // Thousands of tensors name the same few files: one string for each.
            if (!shardNames.TryGetValue(shard, out string? known))
                shardNames[shard] = known = shard;

            homes.Add((name, known));
        }
    }

    private static void ReadMetadata(CheckpointFile file, ref JsonCursor json, Dictionary<string, string> metadata, AllocationBudget budget)
    {
        json.Expect(JsonTokenType.StartObject);
        while (json.NextProperty(out string key))
        {
            budget.Charge(64);
            json.Next();
            if (json.Token is JsonTokenType.StartObject or JsonTokenType.StartArray)
                throw file.Refuse($"its metadata {CheckpointFile.Quote(key)} is not a plain value", "strings and numbers");

            metadata[key] = json.Text();
        }
    }

    private static (CheckpointFile File, CheckpointIndex Index) OpenShard(CheckpointFile file, string name, int opened)
    {
        // A plain name stays in the index's folder; nothing else on the machine can be reached.
        bool plain = name.Length is > 0 and <= 255 && name is not ("." or "..")
            && name.AsSpan().IndexOfAny("/\\:") < 0 && !name.Any(char.IsControl);
        if (!plain || opened == CheckpointLimits.Shards)
        {
            throw file.Refuse(
                plain ? $"it names more than {CheckpointLimits.Shards} files" : $"it names the file {CheckpointFile.Quote(name)}",
                $"at most {CheckpointLimits.Shards} files, in the index's own folder, by plain names");
        }

        var shard = CheckpointFile.Open(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(file.Path) ?? "", name));
        try
        {
            return (shard, SafetensorsFile.Read(shard));
        }
        catch
        {
            shard.Dispose();
            throw;
        }
    }
}
