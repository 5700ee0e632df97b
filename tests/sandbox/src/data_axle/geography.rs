//! Where the people live: states, cities, ZIP codes and the middle of each. The only place with floats: miles
//! are not money.

use std::collections::HashSet;

use crate::ids::mix;

/// A city: state, name, first ZIP code, how many follow, and its middle in thousandths of a degree.
pub(super) struct City {
    pub(super) state: &'static str,
    pub(super) name: &'static str,
    first_zip: u32,
    zips: u32,
    latitude: i32,
    longitude: i32,
}

/// ZIP codes of one city lie on a grid of this many columns, about two miles apart.
const GRID: u32 = 5;
const GRID_STEP: i32 = 30;
const EARTH_RADIUS_MILES: f64 = 3_958.8;
const MILES_PER_KILOMETRE: f64 = 0.621_371;

/// Blocks of seven people by state: at least 60,000 people in CA, 15,000 in FL, 8,000 in TX.
pub(super) const REGIONS: [(&str, u32); 12] = [
    ("CA", 9_600),
    ("FL", 2_600),
    ("TX", 1_500),
    ("NY", 800),
    ("IL", 500),
    ("PA", 500),
    ("OH", 500),
    ("GA", 400),
    ("WA", 400),
    ("CO", 300),
    ("MA", 300),
    ("ME", 200),
];

static CITIES: [City; 33] = [
    city("CA", "Los Angeles", 90_001, 40, 34_052, -118_243),
    city("CA", "Beverly Hills", 90_210, 3, 34_090, -118_406),
    city("CA", "Long Beach", 90_802, 14, 33_770, -118_193),
    city("CA", "San Diego", 92_101, 30, 32_715, -117_161),
    city("CA", "San Francisco", 94_102, 25, 37_774, -122_419),
    city("CA", "Oakland", 94_601, 14, 37_804, -122_271),
    city("CA", "San Jose", 95_110, 26, 37_338, -121_886),
    city("CA", "Sacramento", 95_811, 25, 38_581, -121_494),
    city("CA", "Fresno", 93_701, 20, 36_737, -119_787),
    city("CA", "Bakersfield", 93_301, 10, 35_373, -119_018),
    city("CA", "Irvine", 92_602, 10, 33_684, -117_826),
    city("FL", "Miami", 33_125, 30, 25_761, -80_191),
    city("FL", "Tampa", 33_602, 16, 27_950, -82_457),
    city("FL", "Orlando", 32_801, 20, 28_538, -81_379),
    city("FL", "Jacksonville", 32_202, 20, 30_332, -81_655),
    city("FL", "Saint Petersburg", 33_701, 14, 27_767, -82_640),
    city("TX", "Houston", 77_002, 40, 29_760, -95_369),
    city("TX", "Dallas", 75_201, 25, 32_776, -96_797),
    city("TX", "Austin", 78_701, 25, 30_267, -97_743),
    city("TX", "San Antonio", 78_201, 25, 29_424, -98_493),
    city("NY", "New York", 10_001, 30, 40_712, -74_006),
    city("NY", "Buffalo", 14_201, 14, 42_886, -78_878),
    city("IL", "Chicago", 60_601, 40, 41_878, -87_629),
    city("PA", "Philadelphia", 19_102, 30, 39_952, -75_165),
    city("OH", "Columbus", 43_201, 20, 39_961, -82_998),
    city("GA", "Atlanta", 30_303, 18, 33_749, -84_388),
    city("WA", "Seattle", 98_101, 25, 47_606, -122_332),
    city("WA", "Spokane", 99_201, 8, 47_658, -117_426),
    city("CO", "Denver", 80_202, 20, 39_739, -104_990),
    city("MA", "Boston", 2_108, 20, 42_360, -71_058),
    city("ME", "Portland", 4_101, 3, 43_659, -70_256),
    city("ME", "Bangor", 4_401, 1, 44_801, -68_777),
    city("ME", "Augusta", 4_330, 1, 44_310, -69_779),
];

const fn city(
    state: &'static str,
    name: &'static str,
    first_zip: u32,
    zips: u32,
    latitude: i32,
    longitude: i32,
) -> City {
    City { state, name, first_zip, zips, latitude, longitude }
}

/// The city and ZIP code of a home: `luck` decides among the state's cities, larger ones more often.
pub(super) fn home(state: &str, luck: u64) -> (&'static City, u32) {
    let (first, last) = cities_of(state);
    let cities = &CITIES[first..last];
    let all: u32 = cities.iter().map(|city| city.zips).sum();
    let mut pick = u32::try_from(mix(luck) % u64::from(all)).unwrap_or_default();
    for city in cities {
        if pick < city.zips {
            return (city, city.first_zip + pick);
        }
        pick -= city.zips;
    }
    (&cities[0], cities[0].first_zip)
}

fn cities_of(state: &str) -> (usize, usize) {
    let first = CITIES.iter().position(|city| city.state == state).unwrap_or_default();
    let count = CITIES[first..].iter().take_while(|city| city.state == state).count();
    (first, first + count)
}

/// A point on the map, in degrees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
}

fn middles() -> impl Iterator<Item = (u32, Point)> {
    CITIES.iter().flat_map(|city| {
        (0..city.zips).map(move |step| {
            let offset = |cell: u32| (i32::try_from(cell).unwrap_or_default() - 2) * GRID_STEP;
            let point = Point {
                latitude: degrees(city.latitude + offset(step / GRID)),
                longitude: degrees(city.longitude + offset(step % GRID)),
            };
            (city.first_zip + step, point)
        })
    })
}

/// The middle of a ZIP code; `None` for one where nobody lives.
pub(super) fn middle_of(zip: u32) -> Option<Point> {
    middles().find(|(known, _)| *known == zip).map(|(_, point)| point)
}

/// The ZIP codes whose middle is at most `miles` from a point.
pub(super) fn zips_near(point: Point, miles: f64) -> HashSet<u32> {
    middles().filter(|(_, middle)| distance_miles(point, *middle) <= miles).map(|(zip, _)| zip).collect()
}

/// Reads `"10mi"`, `"16 km"`, or a number of miles.
pub(super) fn miles(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let split = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.trim().parse().ok().filter(|number| *number >= 0.0)?;
    match unit {
        "" | "mi" | "mile" | "miles" => Some(number),
        "km" => Some(kilometres_to_miles(number)),
        _ => None,
    }
}

#[expect(clippy::float_arithmetic, reason = "miles on a map, never money")]
fn kilometres_to_miles(kilometres: f64) -> f64 {
    kilometres * MILES_PER_KILOMETRE
}

#[expect(clippy::float_arithmetic, reason = "degrees on a map, never money")]
fn degrees(thousandths: i32) -> f64 {
    f64::from(thousandths) / 1_000.0
}

/// The haversine formula.
#[expect(clippy::float_arithmetic, reason = "miles on a map, never money")]
fn distance_miles(from: Point, to: Point) -> f64 {
    let (first, second) = (from.latitude.to_radians(), to.latitude.to_radians());
    let half_latitude = (second - first) / 2.0;
    let half_longitude = (to.longitude - from.longitude).to_radians() / 2.0;
    let chord = half_latitude.sin().powi(2) + first.cos() * second.cos() * half_longitude.sin().powi(2);
    2.0 * EARTH_RADIUS_MILES * chord.sqrt().min(1.0).asin()
}
