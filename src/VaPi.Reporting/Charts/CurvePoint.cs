namespace VaPi.Reporting;

/// <summary>A point of a curve.</summary>
/// <param name="X">Where along the axis.</param>
/// <param name="Y">The value. The curve has a gap where it is not finite.</param>
/// <param name="Low">The lower end of its spread; null for none.</param>
/// <param name="High">The upper end of its spread; null for none.</param>
public readonly record struct CurvePoint(double X, double Y, double? Low = null, double? High = null);
