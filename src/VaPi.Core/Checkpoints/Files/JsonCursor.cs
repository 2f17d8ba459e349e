using System.Text.Json;

namespace VaPi.Checkpoints.Files;

/// <summary>A strict walk over a JSON text of one file; whatever is not as expected is refused.</summary>
internal ref struct JsonCursor(CheckpointFile file, AllocationBudget budget, ReadOnlySpan<byte> text)
{
    private Utf8JsonReader _json = new(text);

    public readonly JsonTokenType Token => _json.TokenType;

    public void Next()
    {
        bool any;
        try
        {
            any = _json.Read();
        }
        catch (JsonException error)
        {
            throw file.Refuse("its JSON does not parse", "well-formed JSON", inner: error);
        }

        if (!any)
            throw Unexpected();
    }

    public void Expect(JsonTokenType token)
    {
        Next();
        if (Token != token)
            throw Unexpected();
    }

    /// <summary>Moves to the next property of an object, or past its end.</summary>
    public bool NextProperty(out string name)
    {
        Next();
        name = Token == JsonTokenType.PropertyName ? Text() : "";
        return Token == JsonTokenType.PropertyName || (Token == JsonTokenType.EndObject ? false : throw Unexpected());
    }

    /// <summary>Takes an array of counts.</summary>
    public long[] NextCounts()
    {
        Expect(JsonTokenType.StartArray);
        var counts = new List<long>();
        for (Next(); Token != JsonTokenType.EndArray; Next())
        {
            if (Token != JsonTokenType.Number || !_json.TryGetInt64(out long count) || count < 0)
                throw file.Refuse("a shape or offset is not a count", "whole numbers from 0 to 2^63 - 1");

            budget.Charge(16);
            counts.Add(count);
        }

        return [.. counts];
    }

    public string NextString()
    {
        Expect(JsonTokenType.String);
        return Text();
    }

    /// <summary>The text of the current string, name or other plain value.</summary>
    public readonly string Text()
    {
        budget.ChargeString(_json.ValueSpan.Length);
        try
        {
            return Token is JsonTokenType.PropertyName or JsonTokenType.String
                ? _json.GetString()!
                : System.Text.Encoding.UTF8.GetString(_json.ValueSpan);
        }
        catch (InvalidOperationException error)
        {
            throw file.Refuse("a string in its JSON is not valid Unicode", "well-formed JSON", inner: error);
        }
    }

    /// <summary>Takes the next value, whatever it is, and leaves it.</summary>
    public void SkipValue()
    {
        Next();
        int depth = _json.CurrentDepth;
        if (Token is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;

        do
        {
            Next();
        }
        while (_json.CurrentDepth > depth);
    }

    /// <summary>Checks that nothing follows.</summary>
    public void End()
    {
        bool more;
        try
        {
            more = _json.Read();
        }
        catch (JsonException error)
        {
            throw file.Refuse("something follows its JSON", "one JSON object", inner: error);
        }

        if (more)
            throw Unexpected();
    }

    private readonly CheckpointException Unexpected() =>
        file.Refuse($"its JSON has {Token} at byte {_json.TokenStartIndex} where that makes no sense", "the format's own structure");
}
