// expect: syncline: an entity of more than 64 fields;
// culprit: note
#include <syncline/schema/schema.hpp>

struct note {
    syncline::id_of<note> id;
    int f0;
    int f1;
    int f2;
    int f3;
    int f4;
    int f5;
    int f6;
    int f7;
    int f8;
    int f9;
    int f10;
    int f11;
    int f12;
    int f13;
    int f14;
    int f15;
    int f16;
    int f17;
    int f18;
    int f19;
    int f20;
    int f21;
    int f22;
    int f23;
    int f24;
    int f25;
    int f26;
    int f27;
    int f28;
    int f29;
    int f30;
    int f31;
    int f32;
    int f33;
    int f34;
    int f35;
    int f36;
    int f37;
    int f38;
    int f39;
    int f40;
    int f41;
    int f42;
    int f43;
    int f44;
    int f45;
    int f46;
    int f47;
    int f48;
    int f49;
    int f50;
    int f51;
    int f52;
    int f53;
    int f54;
    int f55;
    int f56;
    int f57;
    int f58;
    int f59;
    int f60;
    int f61;
    int f62;
    int f63;
    int f64;
};
template <>
struct syncline::entity_traits<note> {
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &note::id;
    static constexpr auto fields =
        std::tuple{field("f0", &note::f0),   field("f1", &note::f1),   field("f2", &note::f2),   field("f3", &note::f3),
                   field("f4", &note::f4),   field("f5", &note::f5),   field("f6", &note::f6),   field("f7", &note::f7),
                   field("f8", &note::f8),   field("f9", &note::f9),   field("f10", &note::f10), field("f11", &note::f11),
                   field("f12", &note::f12), field("f13", &note::f13), field("f14", &note::f14), field("f15", &note::f15),
                   field("f16", &note::f16), field("f17", &note::f17), field("f18", &note::f18), field("f19", &note::f19),
                   field("f20", &note::f20), field("f21", &note::f21), field("f22", &note::f22), field("f23", &note::f23),
                   field("f24", &note::f24), field("f25", &note::f25), field("f26", &note::f26), field("f27", &note::f27),
                   field("f28", &note::f28), field("f29", &note::f29), field("f30", &note::f30), field("f31", &note::f31),
                   field("f32", &note::f32), field("f33", &note::f33), field("f34", &note::f34), field("f35", &note::f35),
                   field("f36", &note::f36), field("f37", &note::f37), field("f38", &note::f38), field("f39", &note::f39),
                   field("f40", &note::f40), field("f41", &note::f41), field("f42", &note::f42), field("f43", &note::f43),
                   field("f44", &note::f44), field("f45", &note::f45), field("f46", &note::f46), field("f47", &note::f47),
                   field("f48", &note::f48), field("f49", &note::f49), field("f50", &note::f50), field("f51", &note::f51),
                   field("f52", &note::f52), field("f53", &note::f53), field("f54", &note::f54), field("f55", &note::f55),
                   field("f56", &note::f56), field("f57", &note::f57), field("f58", &note::f58), field("f59", &note::f59),
                   field("f60", &note::f60), field("f61", &note::f61), field("f62", &note::f62), field("f63", &note::f63),
                   field("f64", &note::f64)};
};

constexpr auto view = syncline::schema<note>::view();
