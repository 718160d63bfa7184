//! The public Azure regions and where their data centres are.

/// Canonical name, latitude and longitude in degrees, to about 30 km.
///
/// Names and cities: <https://learn.microsoft.com/azure/reliability/regions-list>, regions with
/// restricted access and announced ones included. The coordinates are those of the city, since
/// what `az account list-locations` reports is hundreds of km off for some (`westcentralus`,
/// `francecentral`). Sovereign clouds (China, US Government) are not in it.
pub(super) const REGIONS: [(&str, f64, f64); 63] = [
    ("australiacentral", -35.31, 149.12),   // Canberra
    ("australiacentral2", -35.31, 149.12),  // Canberra
    ("australiaeast", -33.87, 151.21),      // Sydney
    ("australiasoutheast", -37.81, 144.96), // Melbourne
    ("austriaeast", 48.21, 16.37),          // Vienna
    ("belgiumcentral", 50.85, 4.35),        // Brussels
    ("brazilsouth", -23.55, -46.63),        // Sao Paulo
    ("brazilsoutheast", -22.91, -43.17),    // Rio de Janeiro
    ("canadacentral", 43.65, -79.38),       // Toronto
    ("canadaeast", 46.81, -71.21),          // Quebec
    ("centralindia", 18.52, 73.86),         // Pune
    ("centralus", 41.59, -93.62),           // Des Moines, Iowa
    ("chilecentral", -33.45, -70.67),       // Santiago
    ("denmarkeast", 55.68, 12.57),          // Copenhagen
    ("eastasia", 22.32, 114.17),            // Hong Kong
    ("eastus", 38.75, -77.5),               // Northern Virginia
    ("eastus2", 36.67, -78.39),             // Boydton, Virginia
    ("eastus3", 33.75, -84.39),             // Atlanta
    ("francecentral", 48.86, 2.35),         // Paris
    ("francesouth", 43.3, 5.37),            // Marseille
    ("germanynorth", 52.52, 13.4),          // Berlin
    ("germanywestcentral", 50.11, 8.68),    // Frankfurt
    ("indiasouthcentral", 17.39, 78.49),    // Hyderabad
    ("indonesiacentral", -6.21, 106.85),    // Jakarta
    ("israelcentral", 32.07, 34.79),        // Tel Aviv
    ("italynorth", 45.46, 9.19),            // Milan
    ("japaneast", 35.68, 139.77),           // Tokyo
    ("japanwest", 34.69, 135.5),            // Osaka
    ("jioindiacentral", 21.15, 79.09),      // Nagpur
    ("jioindiawest", 22.47, 70.06),         // Jamnagar
    ("koreacentral", 37.57, 126.98),        // Seoul
    ("koreasouth", 35.18, 129.08),          // Busan
    ("malaysiawest", 3.1, 101.7),           // Kuala Lumpur
    ("mexicocentral", 20.59, -100.39),      // Queretaro
    ("newzealandnorth", -36.85, 174.76),    // Auckland
    ("northcentralus", 41.88, -87.63),      // Chicago
    ("northeurope", 53.35, -6.26),          // Dublin
    ("norwayeast", 59.91, 10.75),           // Oslo
    ("norwaywest", 58.97, 5.73),            // Stavanger
    ("polandcentral", 52.23, 21.01),        // Warsaw
    ("qatarcentral", 25.29, 51.53),         // Doha
    ("saudiarabiaeast", 26.4, 50.1),        // Dammam
    ("southafricanorth", -25.75, 28.23),    // Johannesburg
    ("southafricawest", -33.92, 18.42),     // Cape Town
    ("southcentralus", 29.42, -98.49),      // San Antonio, Texas
    ("southeastasia", 1.35, 103.82),        // Singapore
    ("southindia", 13.08, 80.27),           // Chennai
    ("spaincentral", 40.42, -3.7),          // Madrid
    ("swedencentral", 60.67, 17.14),        // Gävle
    ("swedensouth", 55.6, 13.0),            // Malmö
    ("switzerlandnorth", 47.38, 8.54),      // Zurich
    ("switzerlandwest", 46.2, 6.14),        // Geneva
    ("taiwannorth", 25.04, 121.52),         // Taipei
    ("uaecentral", 24.45, 54.38),           // Abu Dhabi
    ("uaenorth", 25.2, 55.27),              // Dubai
    ("uksouth", 51.51, -0.13),              // London
    ("ukwest", 51.48, -3.18),               // Cardiff
    ("westcentralus", 41.14, -104.82),      // Cheyenne, Wyoming
    ("westeurope", 52.37, 4.9),             // Amsterdam
    ("westindia", 19.08, 72.88),            // Mumbai
    ("westus", 37.37, -121.92),             // San Jose, California
    ("westus2", 47.23, -119.85),            // Quincy, Washington
    ("westus3", 33.45, -112.07),            // Phoenix
];
