namespace VaPi.Fuzz.Fields;

/// <summary>How a field of a file is written.</summary>
internal enum FieldKind
{
    /// <summary>A number, lowest byte first.</summary>
    Little,

    /// <summary>A number, highest byte first.</summary>
    Big,

    /// <summary>A number as octal digits, as in tar.</summary>
    Octal,

    /// <summary>A number as decimal digits, as in JSON.</summary>
    Decimal,

    /// <summary>A byte that says what follows, such as a pickle's operation.</summary>
    Code,
}
