using System.Text.Json;

namespace VaPi.Fuzz.Running;

/// <summary>What a reader's cases came to.</summary>
internal sealed class Tally
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    /// <summary>The cases that were run.</summary>
    public long Cases { get; set; }

    /// <summary>Those that the reader read without objection.</summary>
    public long Read { get; set; }

    /// <summary>Those that it refused as documented.</summary>
    public long Refused { get; set; }

    /// <summary>Those that failed.</summary>
    public long Failed { get; set; }

    /// <summary>The time of all cases together, in seconds, making the files included.</summary>
    public double Seconds { get; set; }

    /// <summary>The longest time of a case, in milliseconds.</summary>
    public double SlowestMilliseconds { get; set; }

    /// <summary>The most managed memory that a case allocated, in bytes.</summary>
    public long MostManaged { get; set; }

    /// <summary>The most that a case made the process grow, in bytes.</summary>
    public long MostResident { get; set; }

    /// <summary>The native memory that is still allocated after the last case and was not after the first few hundred, in bytes.</summary>
    public long Kept { get; set; }

    public static Tally Parse(string text) => JsonSerializer.Deserialize<Tally>(text, Format)!;

    public override string ToString() => JsonSerializer.Serialize(this, Format);

    public void Add(CaseResult result)
    {
        Cases++;
        Read += result.Problem is null && result.Error is null ? 1 : 0;
        Refused += result.Problem is null && result.Error is not null ? 1 : 0;
        Failed += result.Problem is not null ? 1 : 0;
        SlowestMilliseconds = Math.Max(SlowestMilliseconds, result.Milliseconds);
        MostManaged = Math.Max(MostManaged, result.Managed);
        MostResident = Math.Max(MostResident, result.Resident);
    }

    public void Add(Tally other)
    {
        Cases += other.Cases;
        Read += other.Read;
        Refused += other.Refused;
        Failed += other.Failed;
        Seconds += other.Seconds;
        SlowestMilliseconds = Math.Max(SlowestMilliseconds, other.SlowestMilliseconds);
        MostManaged = Math.Max(MostManaged, other.MostManaged);
        MostResident = Math.Max(MostResident, other.MostResident);
        Kept = Math.Max(Kept, other.Kept);
    }
}
