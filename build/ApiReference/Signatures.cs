using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ApiReference;

/// <summary>Types and members as C# declares them.</summary>
internal static class Signatures
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(char)] = "char",
    };

    private static readonly Dictionary<string, string> OperatorSigns = new()
    {
        ["op_Addition"] = "+",
        ["op_Subtraction"] = "-",
        ["op_Multiply"] = "*",
        ["op_Division"] = "/",
        ["op_UnaryNegation"] = "-",
        ["op_Equality"] = "==",
        ["op_Inequality"] = "!=",
        ["op_LessThan"] = "<",
        ["op_GreaterThan"] = ">",
        ["op_LessThanOrEqual"] = "<=",
        ["op_GreaterThanOrEqual"] = ">=",
    };

    /// <summary>The name with its type arguments, and those of the types around it.</summary>
    public static string Name(Type type)
    {
        string name = type.Name.Split('`')[0];
        if (type.IsGenericType)
            name += $"<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
        bool isTorch = type.DeclaringType?.FullName == "TorchSharp.torch"; // everybody writes using static TorchSharp.torch
        return type.IsNested && !type.IsGenericParameter && !isTorch ? $"{Name(type.DeclaringType!)}.{name}" : name;
    }

    /// <summary>Base class and interfaces, without those that others bring or that say nothing.</summary>
    public static IReadOnlyList<Type> Related(Type type)
    {
        if (type.IsEnum || typeof(Delegate).IsAssignableFrom(type))
            return [];
        bool hasBase = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType);
        Type[] all = type.GetInterfaces();
        IEnumerable<Type> brought = all.SelectMany(each => each.GetInterfaces()).Concat(hasBase ? type.BaseType!.GetInterfaces() : []);
        IEnumerable<Type> interfaces = all.Except(brought).Where(each => each.IsPublic && !(each.IsGenericType && each.GetGenericTypeDefinition() == typeof(IEquatable<>) && IsRecord(type)));
        return [.. hasBase ? [type.BaseType!] : Type.EmptyTypes, .. interfaces.OrderBy(Name, StringComparer.Ordinal)];
    }

    public static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)?.GetCustomAttribute<CompilerGeneratedAttribute>() is not null;

    public static string Declaration(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
            return $"public delegate {Of(type.GetMethod("Invoke")!).Replace(" Invoke(", $" {Name(type)}(", StringComparison.Ordinal)}";
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class";
        if (IsRecord(type))
            kind = type.IsValueType ? "record struct" : "record";
        bool isClass = type.IsClass;
        string modifier = isClass && type.IsAbstract && type.IsSealed ? "static " : isClass && type.IsAbstract ? "abstract " : isClass && type.IsSealed ? "sealed " : "";
        if (type.IsValueType && type.GetCustomAttribute<IsReadOnlyAttribute>() is not null)
            modifier = "readonly ";
        string related = string.Join(", ", Related(type).Select(Name));
        return $"public {modifier}{kind} {Name(type)}{(related.Length > 0 ? $" : {related}" : "")}";
    }

    /// <summary>Whether a member is part of the public API and not written by the compiler.</summary>
    public static bool IsShown(MemberInfo member)
    {
        if (member is PropertyInfo property)
            return property.GetAccessors(nonPublic: true).Any(IsReachable) && property.Name != "EqualityContract";
        if (member.GetCustomAttribute<CompilerGeneratedAttribute>() is not null)
            return false;
        return member switch
        {
            MethodBase method => IsReachable(method),
            EventInfo @event => IsReachable(@event.AddMethod!),
            FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
            _ => false,
        };
    }

    public static string Of(MemberInfo member) => member switch
    {
        FieldInfo { DeclaringType.IsEnum: true } value => value.Name,
        FieldInfo field => $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{TypeOf(field.FieldType, new NullabilityInfoContext().Create(field), field)} {field.Name}{(field.IsLiteral ? $" = {Value(field.GetRawConstantValue(), field.FieldType)}" : "")}",
        PropertyInfo property => Of(property),
        EventInfo @event => $"event {TypeOf(@event.EventHandlerType!, new NullabilityInfoContext().Create(@event), @event)} {@event.Name}",
        ConstructorInfo constructor => $"{Access(constructor)}{Name(constructor.DeclaringType!).Split('<')[0]}({Parameters(constructor.GetParameters())})",
        MethodInfo method => Of(method),
        _ => member.Name,
    };

    /// <summary>What an option is if nobody sets it, as it stands behind the property; empty if it cannot be said in a word.</summary>
    /// <param name="property">A property of <paramref name="options"/>.</param>
    /// <param name="options">A new one; null for none.</param>
    public static string Default(PropertyInfo property, object? options)
    {
        if (options is null || !property.CanWrite)
            return "";
        object? value = property.GetValue(options);
        return value switch
        {
            VaPi.Alignment.Schedule schedule => $" = {Value(schedule.At(0), typeof(double))}",
            null or bool or string or IConvertible => $" = {Value(value, property.PropertyType)}",
            _ => "",
        };
    }

    private static bool IsReachable(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method)
    {
        if (method.IsStatic)
            return $"{Access(method)}static ";
        if (method.DeclaringType!.IsInterface || !method.IsVirtual)
            return Access(method);
        if (method.GetBaseDefinition() != method)
            return $"{Access(method)}override ";
        return $"{Access(method)}{(method.IsAbstract ? "abstract " : method.IsFinal ? "" : "virtual ")}";
    }

    private static string Of(PropertyInfo property)
    {
        MethodInfo accessor = property.GetAccessors(nonPublic: true).First(IsReachable);
        string required = property.GetCustomAttribute<RequiredMemberAttribute>() is null ? "" : "required ";
        bool isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ?? false;
        string get = property.GetMethod is { } getter && IsReachable(getter) ? "get; " : "";
        string set = property.SetMethod is { } setter && IsReachable(setter) ? isInit ? "init; " : "set; " : "";
        string name = property.GetIndexParameters() is { Length: > 0 } indices ? $"this[{Parameters(indices)}]" : property.Name;
        return $"{Modifiers(accessor)}{required}{TypeOf(property.PropertyType, new NullabilityInfoContext().Create(property), property)} {name} {{ {get}{set}}}";
    }

    private static string Of(MethodInfo method)
    {
        string result = TypeOf(method.ReturnType, new NullabilityInfoContext().Create(method.ReturnParameter), method.ReturnParameter);
        string extended = method.GetCustomAttribute<ExtensionAttribute>() is null ? "" : "this ";
        string parameters = $"({extended}{Parameters(method.GetParameters())})";
        if (method.Name is "op_Implicit" or "op_Explicit")
            return $"static {(method.Name == "op_Implicit" ? "implicit" : "explicit")} operator {result}{parameters}";
        if (method.IsSpecialName)
            return $"static {result} operator {OperatorSigns[method.Name]}{parameters}";
        string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        return $"{Modifiers(method)}{result} {method.Name}{generic}{parameters}{string.Concat(method.GetGenericArguments().Select(Constraint))}";
    }

    private static string Constraint(Type parameter)
    {
        GenericParameterAttributes attributes = parameter.GenericParameterAttributes;
        List<string> limits = [.. parameter.GetGenericParameterConstraints().Where(limit => limit != typeof(ValueType)).Select(Name)];
        if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            limits.Insert(0, "class");
        if (attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
            limits.Insert(0, "struct");
        return limits.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", limits)}";
    }

    private static string Parameters(IEnumerable<ParameterInfo> parameters) => string.Join(", ", parameters.Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string prefix = parameter.GetCustomAttribute<ParamArrayAttribute>() is not null ? "params " : parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "";
        Type type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        string text = $"{prefix}{TypeOf(type, new NullabilityInfoContext().Create(parameter), parameter)} {parameter.Name}";
        return parameter.HasDefaultValue ? $"{text} = {Value(parameter.DefaultValue, type)}" : text;
    }

    private static string Value(object? value, Type type)
    {
        Type bare = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            null => type.IsValueType && bare == type ? "default" : "null",
            string text => $"\"{text}\"",
            bool flag => flag ? "true" : "false",
            char letter => $"'{letter}'",
            _ when bare.IsEnum => $"{Name(bare)}.{Enum.ToObject(bare, value)}",
            double.PositiveInfinity => "double.PositiveInfinity",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
    }

    private static string TypeOf(Type type, NullabilityInfo nullability, ICustomAttributeProvider declared)
    {
        var names = new Queue<string?>(declared.GetCustomAttributes(typeof(TupleElementNamesAttribute), false).Cast<TupleElementNamesAttribute>().FirstOrDefault()?.TransformNames ?? []);
        return TypeOf(type, nullability, names);
    }

    // The names of tuples' elements come in the order in which the tuples are met, outer ones first.
    private static string TypeOf(Type type, NullabilityInfo? nullability, Queue<string?> names)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
            return $"{TypeOf(value, value.IsGenericType ? nullability : null, names)}?";
        string mark = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
            return $"{TypeOf(type.GetElementType()!, nullability?.ElementType, names)}[]{mark}";
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword + mark;
        if (!type.IsGenericType)
            return Name(type) + mark;
        Type[] arguments = type.GetGenericArguments();
        NullabilityInfo?[] ofArguments = [.. arguments.Select((_, index) => nullability?.GenericTypeArguments.ElementAtOrDefault(index))];
        if (typeof(ITuple).IsAssignableFrom(type) && type.IsValueType)
        {
            string?[] own = [.. arguments.Select(_ => names.TryDequeue(out string? name) ? name : null)];
            return $"({string.Join(", ", arguments.Select((argument, index) => $"{TypeOf(argument, ofArguments[index], names)}{(own[index] is { } name ? $" {name}" : "")}"))})";
        }

        string outer = Name(type.GetGenericTypeDefinition()).Split('<')[0];
        return $"{outer}<{string.Join(", ", arguments.Select((argument, index) => TypeOf(argument, ofArguments[index], names)))}>{mark}";
    }
}
