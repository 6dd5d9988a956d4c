//! The rows of the table, those with the same rules together.

use super::{Component, Rules};
use crate::linter::Linter::{
    self, CheckDigit, CheckPair, Country, CountryLetters, CountryOrAny, Coupon, CouponOffer, Currency, Date,
    DateDayOptional, Hour, HourMinute, Hyphen, Iban, ImporterIndex, Latitude, LongDate, Longitude, MediaType, Minute,
    NoLeadingZero, NonDigit, NonZero, PackageType, PercentEncoding, PieceOfTotal, PositionInSequence, Prefix,
    PrefixSecond, Second, Sex, Winding, YesNo, Zero,
};
use crate::text::CharacterSet;

const fn part(set: CharacterSet, min: usize, max: usize) -> Component {
    Component { set, min, max, optional: false, linters: &[] }
}

const fn n(min: usize, max: usize) -> Component {
    part(CharacterSet::Digits, min, max)
}

const fn x(min: usize, max: usize) -> Component {
    part(CharacterSet::Set82, min, max)
}

const fn y(min: usize, max: usize) -> Component {
    part(CharacterSet::Set39, min, max)
}

const fn z(min: usize, max: usize) -> Component {
    part(CharacterSet::Set64, min, max)
}

impl Component {
    const fn checked(self, linters: &'static [Linter]) -> Self {
        Self { linters, ..self }
    }

    const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

const fn row(identifiers: &'static str, components: &'static [Component]) -> Rules {
    Rules {
        identifiers,
        components,
        predefined: false,
        attribute: false,
        key: None,
        needs: "",
        excludes: "",
        alone_in_family: false,
    }
}

impl Rules {
    const fn predefined(self) -> Self {
        Self { predefined: true, ..self }
    }

    const fn attribute(self) -> Self {
        Self { attribute: true, ..self }
    }

    const fn key(self, orders: &'static str) -> Self {
        Self { key: Some(orders), ..self }
    }

    const fn needs(self, needs: &'static str) -> Self {
        Self { needs, ..self }
    }

    const fn excludes(self, excludes: &'static str) -> Self {
        Self { excludes, ..self }
    }

    const fn alone_in_family(self) -> Self {
        Self { alone_in_family: true, ..self }
    }
}

const GTIN: &[Component] = &[n(14, 14).checked(&[CheckDigit, PrefixSecond])];
const GLN: &[Component] = &[n(13, 13).checked(&[CheckDigit, Prefix])];
const GSRN: &[Component] = &[n(18, 18).checked(&[CheckDigit, Prefix])];
const DAY: &[Component] = &[n(6, 6).checked(&[DateDayOptional])];
const COUNTRIES: &[Component] = &[
    n(3, 3).checked(&[Country]),
    n(3, 3).optional().checked(&[Country]),
    n(3, 3).optional().checked(&[Country]),
    n(3, 3).optional().checked(&[Country]),
    n(3, 3).optional().checked(&[Country]),
];
/// Whatever names a trade item.
const ITEM: &str = "01 02 03 8006 8026";

pub(super) const ROWS: &[Rules] = &[
    row("00", &[n(18, 18).checked(&[CheckDigit, PrefixSecond])]).predefined().attribute().key(""),
    row("01", GTIN).predefined().attribute().key("22 10 21 | 235").excludes("255 37"),
    row("02", GTIN).predefined().attribute().needs("37").excludes("01 03"),
    row("03", GTIN).predefined().excludes("01 02 37 235"),
    row("10", &[x(1, 20)]).attribute().needs(ITEM),
    row("11 13 15-16", DAY).predefined().attribute().needs(ITEM),
    row("12", DAY).predefined().attribute().needs("8020"),
    row("17", DAY).predefined().attribute().needs("01 02 03 255 8006 8026"),
    row("20", &[n(2, 2)]).predefined().attribute().needs(ITEM),
    row("21", &[x(1, 20)]).needs("01 03 8006").excludes("235"),
    row("22", &[x(1, 20)]).needs("01"),
    row("235", &[x(1, 28)]).needs("01"),
    row("240-241", &[x(1, 30)]).attribute().needs(ITEM),
    row("242", &[n(1, 6)]).attribute().needs("01 02 8006 8026"),
    row("243", &[x(1, 20)]).attribute().needs("01 03"),
    row("250", &[x(1, 30)]).attribute().needs("01+21 03+21 8006+21"),
    row("251", &[x(1, 30)]).attribute().needs("01 03 8006"),
    row("253", &[n(13, 13).checked(&[CheckDigit, Prefix]), x(1, 17).optional()]).attribute().key(""),
    row("254", &[x(1, 20)]).needs("414"),
    row("255", &[n(13, 13).checked(&[CheckDigit, Prefix]), n(1, 12).optional()])
        .attribute()
        .key("")
        .excludes("01 02 415 8006 8020 8026"),
    row("30", &[n(1, 8)]).attribute().needs("01 02"),
    row(
        "3100-3105 3110-3115 3120-3125 3130-3135 3140-3145 3150-3155 3160-3165 3200-3205 3210-3215 \
         3220-3225 3230-3235 3240-3245 3250-3255 3260-3265 3270-3275 3280-3285 3290-3295 3500-3505 \
         3510-3515 3520-3525 3560-3565 3570-3575 3600-3605 3610-3615 3640-3645 3650-3655 3660-3665",
        &[n(6, 6)],
    )
    .predefined()
    .attribute()
    .needs("01 02")
    .alone_in_family(),
    row(
        "3300-3305 3310-3315 3320-3325 3330-3335 3340-3345 3350-3355 3360-3365 3400-3405 3410-3415 \
         3420-3425 3430-3435 3440-3445 3450-3455 3460-3465 3470-3475 3480-3485 3490-3495 3530-3535 \
         3540-3545 3550-3555 3620-3625 3630-3635 3670-3675 3680-3685 3690-3695",
        &[n(6, 6)],
    )
    .predefined()
    .attribute()
    .needs("00 01")
    .alone_in_family(),
    row("3370-3375", &[n(6, 6)]).predefined().attribute().needs("01").alone_in_family(),
    row("37", &[n(1, 8)]).attribute().needs("00+02 00+8026"),
    row("3900-3909", &[n(1, 15)]).attribute().needs("255 8020").excludes("391n 394n 8111").alone_in_family(),
    row("3910-3919", &[n(3, 3).checked(&[Currency]), n(1, 15)]).attribute().needs("8020").alone_in_family(),
    row("3920-3929", &[n(1, 15)])
        .attribute()
        .needs("01+30 01+31nn 01+32nn 01+35nn 01+36nn")
        .excludes("393n")
        .alone_in_family(),
    row("3930-3939", &[n(3, 3).checked(&[Currency]), n(1, 15)])
        .attribute()
        .needs("30 31nn 32nn 35nn 36nn")
        .alone_in_family(),
    row("3940-3943", &[n(4, 4)]).attribute().needs("255").excludes("8111").alone_in_family(),
    row("3950-3955", &[n(6, 6)])
        .attribute()
        .needs("30 31nn 32nn 35nn 36nn")
        .excludes("392n 393n 8005")
        .alone_in_family(),
    row("400 90", &[x(1, 30)]).attribute(),
    row("401", &[x(1, 30).checked(&[Prefix])]).attribute().key(""),
    row("402", &[n(17, 17).checked(&[CheckDigit, Prefix])]).attribute().key(""),
    row("403 4308 4319", &[x(1, 30)]).attribute().needs("00"),
    row("410-413 416", GLN).predefined().attribute(),
    row("414", GLN).predefined().attribute().key("254 | 7040"),
    row("415", GLN).predefined().attribute().key("8020").needs("8020"),
    row("417", GLN).predefined().attribute().key("7040"),
    row("420", &[x(1, 20)]).attribute().excludes("421"),
    row("421", &[n(3, 3).checked(&[Country]), x(1, 9)]).attribute().excludes("4307"),
    row("422", &[n(3, 3).checked(&[Country])]).attribute().needs(ITEM).excludes("426"),
    row("423 425", COUNTRIES).attribute().needs("01 02 03").excludes("426"),
    row("424", &[n(3, 3).checked(&[Country])]).attribute().needs("01 02 03").excludes("426"),
    row("426", &[n(3, 3).checked(&[Country])]).attribute().needs("01 02 03"),
    row("427", &[x(1, 3)]).attribute().needs("01+422 02+422 03+422"),
    row("4300-4301 4310-4311 4320", &[x(1, 35).checked(&[PercentEncoding])]).attribute().needs("00"),
    row("4302 4304-4306 4312 4314-4316", &[x(1, 70).checked(&[PercentEncoding])]).attribute().needs("00"),
    row("4303", &[x(1, 70).checked(&[PercentEncoding])]).attribute().needs("4302"),
    row("4307 4317", &[x(2, 2).checked(&[CountryLetters])]).attribute().needs("00"),
    row("4309", &[n(10, 10).checked(&[Latitude]), n(10, 10).checked(&[Longitude])]).attribute().needs("00"),
    row("4313", &[x(1, 70).checked(&[PercentEncoding])]).attribute().needs("4312"),
    row("4318", &[x(1, 20)]).attribute().needs("00"),
    row("4321-4323", &[n(1, 1).checked(&[YesNo])]).attribute().needs("00"),
    row("4324-4325", &[n(6, 6).checked(&[DateDayOptional]), n(4, 4).checked(&[HourMinute])]).attribute().needs("00"),
    row("4326", &[n(6, 6).checked(&[Date])]).attribute().needs("00"),
    row("4330", &[n(6, 6), x(1, 1).optional().checked(&[Hyphen])]).attribute().needs("00").excludes("4331"),
    row("4331", &[n(6, 6), x(1, 1).optional().checked(&[Hyphen])]).attribute().needs("00").excludes("4330"),
    row("4332", &[n(6, 6), x(1, 1).optional().checked(&[Hyphen])]).attribute().needs("00").excludes("4333"),
    row("4333", &[n(6, 6), x(1, 1).optional().checked(&[Hyphen])]).attribute().needs("00").excludes("4332"),
    row("7001", &[n(13, 13)]).attribute().needs("01 02 8006 8026"),
    row("7002", &[x(1, 30)]).attribute().needs("01 02"),
    row("7003", &[n(6, 6).checked(&[Date]), n(4, 4).checked(&[HourMinute])]).attribute().needs("01 02 03"),
    row("7004", &[n(1, 4)]).attribute().needs("01+10 03+10"),
    row("7005", &[x(1, 12)]).attribute().needs("01 02"),
    row("7006", &[n(6, 6).checked(&[Date])]).attribute().needs("01 02"),
    row("7007", &[n(6, 6).checked(&[Date]), n(6, 6).optional().checked(&[Date])]).attribute().needs("01 02"),
    row("7008", &[x(1, 3)]).attribute().needs("01 02"),
    row("7009", &[x(1, 10)]).attribute().needs("01 02"),
    row("7010", &[x(1, 2)]).attribute().needs("01 02 03"),
    row("7011", &[n(6, 6).checked(&[Date]), n(4, 4).optional().checked(&[HourMinute])]).attribute().needs("01 02 03"),
    row("7020", &[x(1, 20)]).attribute().needs("01+416 03+416 8006+416"),
    row("7021 8012", &[x(1, 20)]).attribute().needs("01 03 8006"),
    row("7022", &[x(1, 20)]).attribute().needs("01+7021 03+7021 8006+7021"),
    row("7023", &[x(1, 30).checked(&[Prefix])]).attribute(),
    row("7030-7039", &[n(3, 3).checked(&[CountryOrAny]), x(1, 27)]).attribute().needs("01 02"),
    row("7040", &[n(1, 1), x(1, 1), x(1, 1), x(1, 1).checked(&[ImporterIndex])]),
    row("7041", &[x(1, 4).checked(&[PackageType])]).needs("00"),
    row("710-717", &[x(1, 20)]).attribute().needs("01"),
    row("7230-7239", &[x(2, 2), x(1, 28)]).attribute().needs("01 8004"),
    row("7240", &[x(1, 20)]).attribute().needs("01 8006").excludes("03"),
    row("7241", &[n(2, 2).checked(&[MediaType])]).attribute().needs("8017 8018"),
    row("7242", &[x(1, 25)]).attribute().needs("8017 8018"),
    row("7250", &[n(8, 8).checked(&[LongDate])]).attribute().needs("8018").excludes("7251"),
    row("7251", &[n(8, 8).checked(&[LongDate]), n(4, 4).checked(&[HourMinute])])
        .attribute()
        .needs("8018")
        .excludes("7250"),
    row("7252", &[n(1, 1).checked(&[Sex])]).attribute().needs("8018"),
    row("7253-7254", &[x(1, 40).checked(&[PercentEncoding])]).attribute().needs("8017 8018").excludes("7256 7259"),
    row("7255", &[x(1, 10)]).attribute().needs("8017 8018").excludes("7256 7259"),
    row("7256", &[x(1, 90).checked(&[PercentEncoding])]).attribute().needs("8017 8018"),
    row("7257", &[x(1, 70).checked(&[PercentEncoding])]).attribute().needs("8018"),
    row("7258", &[x(3, 3).checked(&[PositionInSequence])]).attribute().needs("8018+7259"),
    row("7259", &[x(1, 40).checked(&[PercentEncoding])]).attribute().needs("8018").excludes("7256"),
    row(
        "8001",
        &[
            n(4, 4).checked(&[NonZero]),
            n(5, 5).checked(&[NonZero]),
            n(3, 3).checked(&[NonZero]),
            n(1, 1).checked(&[Winding]),
            n(1, 1),
        ],
    )
    .attribute()
    .needs("01"),
    row("8002", &[x(1, 20)]).attribute(),
    row("8003", &[n(1, 1).checked(&[Zero]), n(13, 13).checked(&[CheckDigit, Prefix]), x(1, 16).optional()])
        .attribute()
        .key(""),
    row("8004", &[x(1, 30).checked(&[Prefix])]).attribute().key("7040"),
    row("8005", &[n(6, 6)]).attribute().needs("01 02"),
    row("8006", &[n(14, 14).checked(&[CheckDigit, PrefixSecond]), n(4, 4).checked(&[PieceOfTotal])])
        .attribute()
        .key("22 10 21")
        .excludes("01 03 37"),
    row("8007", &[x(1, 34).checked(&[Iban])]).attribute().needs("415"),
    row(
        "8008",
        &[
            n(6, 6).checked(&[Date]),
            n(2, 2).checked(&[Hour]),
            n(2, 2).optional().checked(&[Minute]),
            n(2, 2).optional().checked(&[Second]),
        ],
    )
    .attribute()
    .needs("01 02 03"),
    row("8009", &[x(1, 50)]).attribute().needs("00 01 03"),
    row("8010", &[y(1, 30).checked(&[Prefix])]).attribute().key("8011"),
    row("8011", &[n(1, 12).checked(&[NoLeadingZero])]).needs("8010"),
    row("8013", &[x(1, 25).checked(&[CheckPair, Prefix])]).attribute().key(""),
    row("8014", &[x(1, 25).checked(&[CheckPair, Prefix, NonDigit])]).needs("01"),
    row("8017", GSRN).attribute().key("8019").excludes("8018"),
    row("8018", GSRN).attribute().key("8019").excludes("8017"),
    row("8019", &[n(1, 10)]).needs("8017 8018"),
    row("8020", &[x(1, 25)]).needs("415"),
    row("8026", &[n(14, 14).checked(&[CheckDigit, PrefixSecond]), n(4, 4).checked(&[PieceOfTotal])])
        .attribute()
        .needs("37")
        .excludes("02 03 8006"),
    row("8030", &[z(1, 90)]).attribute().needs("00 01+21 03+21 253 255 8003 8004 8006+21 8010+8011 8017 8018"),
    row("8040", &[n(15, 15)]).needs("01+21"),
    row("8041", &[n(15, 15)]).needs("01+21+8040"),
    row("8042", &[n(32, 32)]).needs("01+21+8040"),
    row("8043", &[n(18, 18), n(1, 2).optional()]).needs("01+21+8040"),
    row("8110", &[x(1, 70).checked(&[Coupon])]).attribute(),
    row("8111", &[n(4, 4)]).attribute().needs("255"),
    row("8112", &[x(1, 70).checked(&[CouponOffer])]).attribute(),
    row("8200", &[x(1, 70)]).needs("01"),
    row("91-99", &[x(1, 90)]).attribute(),
];
