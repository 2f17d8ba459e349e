using System.Xml;
using System.Xml.Linq;

namespace VaPi.Reporting.Tests.Support;

/// <summary>A report read back as XML: what is not well-formed cannot be.</summary>
internal static class Page
{
    public static XElement Read(HtmlReport report)
    {
        using var text = new StringReader(report.ToString());
        using XmlReader reader = XmlReader.Create(text, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XElement.Load(reader);
    }

    public static IEnumerable<XElement> All(this XElement page, string name, string? kind = null) =>
        page.Descendants(name).Where(element => kind is null || (element.Attribute("class")?.Value.Split(' ').Contains(kind) ?? false));
}
