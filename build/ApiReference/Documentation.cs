using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace ApiReference;

/// <summary>The XML documentation of some assemblies, with what is inherited in its place.</summary>
internal sealed class Documentation
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private readonly Links _links;
    private readonly Dictionary<string, XElement> _members = [];

    public Documentation(IEnumerable<Assembly> assemblies, Links links)
    {
        _links = links;
        foreach (Assembly assembly in assemblies)
        {
            foreach (XElement member in XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
                _members[member.Attribute("name")!.Value] = member;
        }
    }

    public bool Has(MemberInfo member) => Find(member) is not null;

    public MemberText Of(MemberInfo member, string page)
    {
        XElement? found = Find(member);
        if (found is null)
            return new MemberText(OfPositional(member, page), "", [], "", []);
        return new MemberText(
            Text(found.Element("summary"), page),
            Text(found.Element("remarks"), page),
            [.. found.Elements("typeparam").Concat(found.Elements("param")).Select(each => (each.Attribute("name")!.Value, Text(each, page)))],
            Text(found.Element("returns"), page),
            [.. found.Elements("exception").Select(each => (_links.To(each.Attribute("cref")!.Value, page), Text(each, page)))]);
    }

    /// <summary>The name by which the compiler's file has a member.</summary>
    public static string IdOf(MemberInfo member) => member switch
    {
        Type type => $"T:{NameOf(type)}",
        MethodBase method => $"M:{NameOf(method.DeclaringType!)}.{(method.IsConstructor ? "#ctor" : method.Name)}{(method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "")}{Parameters(method.GetParameters())}{Conversion(method)}",
        PropertyInfo property => $"P:{NameOf(property.DeclaringType!)}.{property.Name}{Parameters(property.GetIndexParameters())}",
        EventInfo @event => $"E:{NameOf(@event.DeclaringType!)}.{@event.Name}",
        _ => $"F:{NameOf(member.DeclaringType!)}.{member.Name}",
    };

    private static string Conversion(MethodBase method) => method.Name is "op_Implicit" or "op_Explicit" ? $"~{NameOf(((MethodInfo)method).ReturnType)}" : "";

    private static string Parameters(ParameterInfo[] parameters) => parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(parameter => NameOf(parameter.ParameterType)))})";

    private static string NameOf(Type type)
    {
        if (type.IsByRef)
            return $"{NameOf(type.GetElementType()!)}@";
        if (type.IsArray)
            return $"{NameOf(type.GetElementType()!)}[]";
        if (type.IsGenericParameter)
            return $"{(type.DeclaringMethod is null ? "`" : "``")}{type.GenericParameterPosition}";
        if (!type.IsGenericType || type.IsGenericTypeDefinition)
            return type.FullName!.Replace('+', '.');
        return $"{type.GetGenericTypeDefinition().FullName!.Split('`')[0].Replace('+', '.')}{{{string.Join(',', type.GetGenericArguments().Select(NameOf))}}}";
    }

    private XElement? Find(MemberInfo member)
    {
        XElement? own = _members.GetValueOrDefault(IdOf(member));
        if (own?.Element("inheritdoc") is not { } inherited)
            return own;
        if (inherited.Attribute("cref") is { } source)
            return _members.GetValueOrDefault(source.Value);
        XElement? found = Inherited(member).Select(Find).FirstOrDefault(each => each is not null);
        if (found is null || !own.Elements("exception").Any())
            return found;
        var joined = new XElement(found); // exceptions of the member's own stand beside what it inherits
        joined.Add(own.Elements("exception"));
        return joined;
    }

    // The members that this one overrides or implements.
    private static IEnumerable<MemberInfo> Inherited(MemberInfo member)
    {
        Type type = member as Type ?? member.DeclaringType!;
        IEnumerable<Type> bases = [.. type.BaseType is { } parent ? [parent] : Type.EmptyTypes, .. type.GetInterfaces()];
        if (member is Type)
            return bases;
        Type[] parameters = [.. ((member as MethodBase)?.GetParameters() ?? []).Select(parameter => parameter.ParameterType)];
        return bases.SelectMany(each => member switch
        {
            ConstructorInfo => each.GetConstructor(Everything, parameters) is { } constructor ? [constructor] : Enumerable.Empty<MemberInfo>(),
            MethodInfo => each.GetMethod(member.Name, Everything, parameters) is { } method ? [method] : [],
            _ => each.GetMember(member.Name, Everything),
        });
    }

    // A positional record says what its properties are where it lists them.
    private string OfPositional(MemberInfo member, string page) =>
        member is PropertyInfo && _members.TryGetValue(IdOf(member.DeclaringType!), out XElement? type)
            ? Text(type.Elements("param").FirstOrDefault(each => each.Attribute("name")!.Value == member.Name), page)
            : "";

    private string Text(XElement? element, string page)
    {
        if (element is null)
            return "";
        var text = new StringBuilder();
        Append(element, page, text);
        IEnumerable<string> paragraphs = text.ToString().Split('\u2029').Select(part => string.Join(' ', part.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        return string.Join("\n\n", paragraphs.Where(part => part.Length > 0));
    }

    private void Append(XElement element, string page, StringBuilder text)
    {
        foreach (XNode node in element.Nodes())
        {
            if (node is XText words)
                text.Append(words.Value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("*", @"\*", StringComparison.Ordinal).Replace("<", @"\<", StringComparison.Ordinal));
            else if (node is XElement { Name.LocalName: "c" } code)
                text.Append($"`{code.Value}`");
            else if (node is XElement { Name.LocalName: "see" } see)
                text.Append(see.Attribute("cref") is { } reference ? _links.To(reference.Value, page) : $"`{(see.Attribute("langword") ?? see.Attribute("href"))?.Value}`");
            else if (node is XElement { Name.LocalName: "paramref" or "typeparamref" } parameter)
                text.Append($"`{parameter.Attribute("name")!.Value}`");
            else if (node is XElement { Name.LocalName: "para" } paragraph)
                AppendParagraph(paragraph, page, text);
            else if (node is XElement other)
                throw new NotSupportedException($"The documentation has a <{other.Name}>, which the reference does not show yet: {other}");
        }
    }

    private void AppendParagraph(XElement paragraph, string page, StringBuilder text)
    {
        text.Append('\u2029');
        Append(paragraph, page, text);
        text.Append('\u2029');
    }
}
