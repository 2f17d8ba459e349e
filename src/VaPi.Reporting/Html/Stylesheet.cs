namespace VaPi.Reporting.Html;

/// <summary>How reports look: one set of rules, with colours for light and for dark surroundings.</summary>
internal static class Stylesheet
{
    /// <summary>The curves' colours that are told apart; further curves use them again, dashed.</summary>
    public const int Colours = 6;

    /// <summary>On light ground, by the names of custom properties.</summary>
    public static IReadOnlyList<(string Name, string Colour)> Light { get; } =
    [
        ("page", "#f6f7f9"), ("card", "#ffffff"), ("ink", "#1b1f24"), ("muted", "#57606a"), ("line", "#c9ced6"), ("grid", "#e8ebef"),
        ("c0", "#1f6fd0"), ("c1", "#c2570c"), ("c2", "#1a7f4b"), ("c3", "#8046c6"), ("c4", "#b8267f"), ("c5", "#0b7a88"),
    ];

    /// <summary>On dark ground.</summary>
    public static IReadOnlyList<(string Name, string Colour)> Dark { get; } =
    [
        ("page", "#0f1216"), ("card", "#171b21"), ("ink", "#e8eaed"), ("muted", "#a3abb5"), ("line", "#3d4550"), ("grid", "#272d35"),
        ("c0", "#6aa9ff"), ("c1", "#ff9d57"), ("c2", "#57c98b"), ("c3", "#b996f5"), ("c4", "#f58ac4"), ("c5", "#4fc4d3"),
    ];

    public static string Text { get; } = $$"""
        :root { color-scheme:light dark;{{Properties(Light)}} }
        @media (prefers-color-scheme:dark) { :root { {{Properties(Dark)}} } }
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        main{max-width:1080px;margin:0 auto;padding:24px 16px 48px}
        h1{font-size:28px;line-height:1.2;margin:8px 0 20px}
        h2{font-size:18px;margin:0 0 12px}
        section{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:16px 20px;margin:0 0 16px}
        p{margin:0 0 8px;max-width:72ch}
        .note,figcaption{color:var(--muted);font-size:14px;margin:8px 0 0}
        .wide{overflow-x:auto}
        table{border-collapse:collapse}
        th,td{text-align:left;padding:5px 14px 5px 0;border-bottom:1px solid var(--grid);vertical-align:top}
        thead th{border-bottom-color:var(--line);font-weight:600}
        tbody th{font-weight:400}
        .numbers td,.numbers thead th+th{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .numbers thead th+th{white-space:normal}
        .spread,.hint{color:var(--muted);font-weight:400}
        .hint{display:block;font-size:13px}
        .settings td{overflow-wrap:anywhere;color:var(--ink)}
        .settings th{color:var(--muted)}
        .pictures th,.pictures td{border:0;padding:2px 4px 2px 0;vertical-align:middle;font-size:14px;font-weight:400}
        .pictures thead th{text-align:center;color:var(--muted)}
        .pictures img{display:block;image-rendering:pixelated}
        summary{cursor:pointer;font-size:18px;font-weight:600}
        details[open] summary{margin-bottom:12px}
        figure{margin:0}
        svg{display:block;width:100%;height:auto}
        svg text{fill:var(--muted);font:12px system-ui,sans-serif}
        .axis{stroke:var(--line);stroke-width:1}
        .grid{stroke:var(--grid);stroke-width:1}
        .curve{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .band{stroke:none;opacity:.18}
        .dashed{stroke-dasharray:6 4}
        .legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:0 0 8px;padding:0;font-size:14px}
        .legend svg{display:inline-block;width:22px;height:10px;margin-right:6px;vertical-align:middle}
        {{string.Concat(Enumerable.Range(0, Colours).Select(index => $".s{index}{{stroke:var(--c{index})}}.f{index}{{fill:var(--c{index})}}"))}}
        """.ReplaceLineEndings("\n");

    private static string Properties(IEnumerable<(string Name, string Colour)> colours) => string.Concat(colours.Select(named => $"--{named.Name}:{named.Colour};"));
}
